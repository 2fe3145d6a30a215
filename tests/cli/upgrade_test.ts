import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { manifestPath, parseManifest } from "../../cli/install/manifest.ts";
import { checkout } from "../../local/options.ts";
import { inApplication, inCopy, plain, refuses, succeeds } from "./commands.ts";
import { picture, put } from "./folders.ts";
import { commit, status } from "../support/application/repository.ts";

const functions = "supabase/functions";
const handler = `${functions}/users-me/handler.ts`;
const failure = `${functions}/_clerk_sync/failure.ts`;
const dropped = `${functions}/_clerk_sync/http/dropped.ts`;

/** A checkout that plays version 0.0.9: a migration less, a file more, and two other texts. */
function putOlder(folder: string): void {
  for (const name of ["cli", "local", "supabase", "deno.json", "deno.lock", "import_map.json"]) {
    cpSync(join(checkout, name), join(folder, name), { recursive: true });
  }
  const migrations = [...Deno.readDirSync(join(folder, "supabase/migrations"))]
    .map(({ name }) => name).sort();
  Deno.removeSync(join(folder, "supabase/migrations", migrations.at(-1) ?? ""));
  const read = (path: string) => Deno.readTextFileSync(join(folder, path));
  put(folder, {
    "CHANGELOG.md": "# Changelog\n\n## [0.0.9] - 2026-01-01\n",
    [handler]: `// Older.\n${read(handler)}`,
    [`${functions}/_shared/failure.ts`]: `// Older.\n${read(`${functions}/_shared/failure.ts`)}`,
    [`${functions}/_shared/http/dropped.ts`]: "export {};\n",
  });
}

/** Where the older checkout is, and an application that has it, committed. */
let older: string;
let olderApplication: string;
Deno.test.beforeAll(async () => {
  older = Deno.makeTempDirSync({ prefix: "cli-older-" });
  olderApplication = Deno.makeTempDirSync({ prefix: "cli-application-" });
  putOlder(older);
  await inApplication(
    { ...plain, "supabase/migrations/20250101000000_a.sql": "" },
    async ({ folder, install }) => {
      await succeeds(install([], { from: older }));
      await commit(folder);
      cpSync(folder, olderApplication, { recursive: true });
    },
  );
});
Deno.test.afterAll(() => {
  for (const folder of [older, olderApplication]) Deno.removeSync(folder, { recursive: true });
});

function readManifest(folder: string) {
  return parseManifest(Deno.readTextFileSync(join(folder, manifestPath)));
}

Deno.test("an upgrade replaces what nobody has edited, and adds the new migrations after all others", async () => {
  await inCopy(olderApplication, async ({ folder, install, uninstall }) => {
    const old = readManifest(folder);
    const own = "supabase/migrations/20990101000000_own.sql";
    put(folder, { [own]: "select 1;\n" });
    await commit(folder);
    const said = await succeeds(install());
    const now = readManifest(folder);
    assert.match(
      said,
      new RegExp(
        `^Upgraded \\. from 0\\.0\\.9 to ${now.version}: \\d+ files changed, 1 of them new migrations`,
      ),
    );
    assert.ok(!said.includes("edited"));

    const [added = "", ...more] = Object.values(now.migrations)
      .filter((path) => !Object.values(old.migrations).includes(path));
    assert.deepEqual(more, []);
    assert.ok(added > own);
    assert.deepEqual(
      (await status(folder)).sort(),
      [
        ` D ${dropped}`,
        ` M ${failure}`,
        ` M ${handler}`,
        ` M ${manifestPath}`,
        `?? ${added}`,
      ].sort(),
    );
    for (const path of [failure, handler]) {
      assert.ok(!Deno.readTextFileSync(join(folder, path)).includes("Older."));
    }

    const after = picture(folder);
    assert.match(await succeeds(install()), /already, and complete/);
    assert.deepEqual(picture(folder), after);
    await succeeds(uninstall());
    assert.deepEqual(
      Object.keys(picture(folder)).filter((path) => !path.endsWith("own.sql")).sort(),
      [
        "README.md",
        "supabase",
        "supabase/config.toml",
        "supabase/migrations",
        "supabase/migrations/20250101000000_a.sql",
      ],
    );
  });
});

Deno.test("an upgrade leaves edited files, puts the new ones beside them, and does so once", async () => {
  await inCopy(olderApplication, async ({ folder, install, uninstall }) => {
    const [migration = ""] = Object.values(readManifest(folder).migrations);
    const edits = {
      [handler]: "// Mine.\n",
      [dropped]: "// Mine.\n",
      [migration]: "-- Mine.\n",
      "supabase/config.toml": `${
        Deno.readTextFileSync(join(folder, "supabase/config.toml"))
      }# mine\n`,
    };
    put(folder, edits);
    await commit(folder);
    const said = await succeeds(install());
    assert.ok(
      said.includes(
        `${handler} stays as you have edited it. The new version is beside it, as ${handler}.new`,
      ),
    );
    assert.ok(said.includes(`${dropped} is no longer needed, but you have edited it`));
    assert.ok(said.includes(`${migration} stays as you have edited it`));
    const read = (path: string) => Deno.readTextFileSync(join(folder, path));
    for (const [path, text] of Object.entries(edits)) assert.equal(read(path), text);
    assert.equal(
      read(`${handler}.new`),
      Deno.readTextFileSync(join(checkout, handler)).replaceAll("../_shared/", "../_clerk_sync/"),
    );

    const after = picture(folder);
    const again = await succeeds(install());
    assert.match(again, /already, and complete/);
    assert.ok(again.includes(`${handler} stays as you have edited it`));
    assert.ok(again.includes(`${dropped} is no longer needed, but you have edited it`));
    assert.deepEqual(picture(folder), after);

    // Once it is merged, it is no longer beside.
    Deno.renameSync(join(folder, `${handler}.new`), join(folder, handler));
    assert.match(await succeeds(install()), /^Completed version/);
    assert.ok(!(`${handler}.new` in picture(folder)));

    const taken = await succeeds(uninstall());
    for (const path of [dropped, migration]) {
      assert.ok(taken.includes(`${path} stays, because you have edited it`), path);
    }
    const left = Object.keys(picture(folder)).filter((path) => /\.(?:ts|new|sql)$/.test(path));
    assert.deepEqual(
      left.sort(),
      [
        dropped,
        migration,
        "supabase/migrations/20250101000000_a.sql",
      ].sort(),
    );
    assert.equal(read("supabase/config.toml"), `${plain["supabase/config.toml"]}# mine\n`);
  });
});

Deno.test("an upgrade never overwrites what lies beside an edited file", async () => {
  await inCopy(olderApplication, async ({ folder, install }) => {
    put(folder, { [handler]: "// Mine.\n", [`${handler}.new`]: "// Mine too.\n" });
    await commit(folder);
    const said = await succeeds(install());
    assert.ok(said.includes(`${handler} stays as you have edited it`));
    assert.equal(Deno.readTextFileSync(join(folder, `${handler}.new`)), "// Mine too.\n");
    assert.match(await succeeds(install()), /already, and complete/);
    assert.equal(Deno.readTextFileSync(join(folder, `${handler}.new`)), "// Mine too.\n");
  });
});

Deno.test("what was taken out of config.toml by hand comes back, and uninstall takes it out", async () => {
  await inApplication(plain, async ({ folder, install, uninstall }) => {
    await succeeds(install());
    put(folder, plain);
    await succeeds(install(["--allow-dirty"]));
    assert.match(Deno.readTextFileSync(join(folder, "supabase/config.toml")), /users-me/);
    await succeeds(uninstall());
    assert.deepEqual(await status(folder), []);
  });
});

Deno.test("if one section was taken out by hand and came back, uninstall names those that it leaves", async () => {
  await inApplication(plain, async ({ folder, install, uninstall }) => {
    await succeeds(install());
    const path = join(folder, "supabase/config.toml");
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace(/\[functions\.users-me\][^[]*/, ""));
    await succeeds(install(["--allow-dirty"]));
    const said = await succeeds(uninstall());
    const left = "clerk-webhook users-sync clerk-reconcile".split(" ")
      .map((name) => `[functions.${name}]`).join(", ");
    assert.ok(said.includes(`config.toml still has ${left}. Take this out`), said);
  });
});

Deno.test("an older version does not take the place of a newer one", async () => {
  await inCopy(olderApplication, async (application) => {
    const { folder } = application;
    put(folder, { [manifestPath]: JSON.stringify({ ...readManifest(folder), version: "9.0.0" }) });
    await refuses(
      application,
      application.install,
      /^Version 9\.0\.0 is installed, which is newer than \S+\. Install a newer one, or uninstall/,
    );
  });
});
