/** Migrations are the application's once they are there: it may squash, rename or remove them. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { readInstallation } from "../../cli/hosted/installation.ts";
import { valueOf } from "../../cli/hosted/stop.ts";
import { readMigrations } from "../../cli/install/product.ts";
import { runCli } from "../support/application/cli.ts";
import { commit } from "../support/application/repository.ts";
import { type Application, inApplication, plain, succeeds } from "./commands.ts";
import { picture, put } from "./folders.ts";

const folderOf = "supabase/migrations";

/** The migrations' paths, in order. */
function migrationsIn(folder: string): string[] {
  return Object.keys(picture(folder)).filter((path) => path.endsWith(".sql")).sort();
}

/** Runs with an application that has our migrations, committed. */
async function inInstalled(
  files: Record<string, string>,
  use: (application: Application, migrations: readonly string[]) => Promise<void>,
): Promise<void> {
  await inApplication({ ...plain, ...files }, async (application) => {
    await succeeds(application.install());
    await commit(application.folder);
    const paths = migrationsIn(application.folder);
    await use(application, paths.filter((path) => path.includes("_clerk_sync_")));
  });
}

async function rename(folder: string, from: string, to: string): Promise<void> {
  await Deno.rename(join(folder, from), join(folder, to));
  await commit(folder);
}

const versionOf = (path: string) => basename(path).replace(/_.*/, "");

Deno.test("squashed migrations are named, and everything works without them", async () => {
  await inInstalled({}, async ({ folder, install, uninstall }, paths) => {
    const last = paths.at(-1) ?? "";
    for (const path of paths.slice(0, -1)) await Deno.remove(join(folder, path));
    put(folder, { [last]: "-- All of them.\n" });
    await commit(folder);
    const before = picture(folder);

    const said = await succeeds(install());
    assert.match(said, /is in \. already, and complete/);
    const named = `${paths.slice(0, 3).join(", ")} and ${
      paths.length - 4
    } more are gone. If another`;
    assert.ok(said.includes(named), said);
    assert.deepEqual(picture(folder), before);

    const { preflight } = valueOf(await readInstallation(folder, "public"));
    assert.equal(preflight, [...(await readMigrations()).values()][0]);
    const into = `${folder}-bundles`;
    await succeeds(runCli("bundle", folder, [".", "--into", into]));

    const taken = await succeeds(uninstall());
    assert.ok(taken.includes(`${paths.length - 4} more were gone already. If another migration`));
    assert.ok(taken.includes(`${last} stays, because you have edited it`));
    // supabase db push would apply the file that stays once more.
    assert.ok(!taken.includes(`'${versionOf(last)}'`));
    assert.ok(taken.includes(`'${versionOf(paths[0] ?? "")}'`));
  });
});

Deno.test("without any migration of the application's left, install and uninstall say which are gone", async () => {
  await inInstalled({}, async ({ folder, install, uninstall }, paths) => {
    await Deno.remove(join(folder, folderOf), { recursive: true });
    await commit(folder);
    assert.ok((await succeeds(install())).includes(`${paths[0]}, `));
    assert.ok((await succeeds(uninstall())).includes(`${paths[0]}, `));
  });
});

for (
  const [what, to] of [
    ["version", `${folderOf}/20990101000000_clerk_sync_users.sql`],
    ["name", `${folderOf}/20990101000000_tables.sql`],
  ]
) {
  Deno.test(`a migration with another ${what} is still ours: uninstall takes it out`, async () => {
    await inInstalled({}, async ({ folder, install, uninstall }, paths) => {
      const from = paths[1] ?? "";
      await rename(folder, from, to ?? "");
      assert.match(await succeeds(install(["--dry-run"]).then(quiet)), /manifest\.json/);
      const taken = await succeeds(uninstall());
      assert.doesNotMatch(taken, /Note/);
      assert.deepEqual(migrationsIn(folder), []);
      for (const path of [from, to ?? ""]) assert.ok(taken.includes(`'${versionOf(path)}'`));
    });
  });
}

/** The notes of a dry run are on the other stream. */
function quiet<Run>(run: Run) {
  return { ...run, errors: "" };
}

Deno.test("install remembers where a renamed migration is", async () => {
  await inInstalled({}, async ({ folder, install, uninstall }, paths) => {
    const from = paths[1] ?? "";
    await rename(folder, from, `${folderOf}/20990101000000_clerk_sync_users.sql`);
    assert.match(await succeeds(install()), /^Completed version \S+ in \.: 1 files changed\n/);
    await commit(folder);
    const said = await succeeds(install());
    assert.match(said, /already, and complete/);
    assert.doesNotMatch(said, /gone/);
    await rename(
      folder,
      `${folderOf}/20990101000000_clerk_sync_users.sql`,
      `${folderOf}/20990202000000_tables.sql`,
    );
    await succeeds(uninstall());
    assert.deepEqual(migrationsIn(folder), []);
  });
});

Deno.test("the SQL forgets no migration of the application's that took a version of ours", async () => {
  await inInstalled({}, async ({ folder, uninstall }, paths) => {
    const from = paths[1] ?? "";
    await rename(folder, from, `${folderOf}/20990101000000_clerk_sync_users.sql`);
    put(folder, { [`${folderOf}/${versionOf(from)}_own.sql`]: "select 1;\n" });
    await commit(folder);
    const taken = await succeeds(uninstall());
    assert.ok(!taken.includes(`'${versionOf(from)}'`));
    assert.ok(taken.includes("'20990101000000'"));
  });
});

Deno.test("a renamed migration is taken out of drizzle's journal under both names", async () => {
  const journal = (entries: unknown[]) => JSON.stringify({ version: "7", entries }, null, 2);
  const own = { idx: 0, version: "7", when: 1, tag: "0000_own", breakpoints: true };
  const path = `${folderOf}/meta/_journal.json`;
  const files = { [`${folderOf}/0000_own.sql`]: "", [path]: journal([own]) };
  await inInstalled(files, async ({ folder, uninstall }, paths) => {
    const last = paths.at(-1) ?? "";
    await rename(folder, last, `${folderOf}/0099_tables.sql`);
    await succeeds(uninstall());
    assert.equal(await Deno.readTextFile(join(folder, path)), journal([own]));
  });
});
