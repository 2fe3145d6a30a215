/** Applications whose folders and files are links: git looks at no path beyond one. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { commit, createRepository, git, status } from "../support/application/repository.ts";
import { type Application, inApplication, refuses, succeeds } from "./commands.ts";
import { picture, put } from "./folders.ts";

const files = {
  "supabase/config.toml": 'project_id = "app"\n',
  "supabase/functions/other/index.ts": "export {};\n",
  "supabase/functions/clerk-webhook/index.ts": "mine\n",
  "supabase/migrations/20250101000000_a.sql": "select 1;\n",
  ".gitignore": ".env\n",
};

/** What is a link, and where to. */
const links = [
  ["supabase", "backend/db"],
  ["supabase/functions", "backend/fn"],
  ["supabase/functions/clerk-webhook", "backend/hook"],
  ["supabase/migrations", "backend/sql"],
  ["supabase/config.toml", "backend/config.toml"],
] as const;

/** Runs with an application in which this is a link, committed. */
async function inLinked(
  [from, to]: readonly [string, string],
  use: (application: Application) => Promise<void>,
): Promise<void> {
  await inApplication(files, async (application) => {
    const place = (path: string) => join(application.folder, path);
    mkdirSync(dirname(place(to)), { recursive: true });
    renameSync(place(from), place(to));
    symlinkSync(relative(dirname(place(from)), place(to)), place(from));
    await commit(application.folder);
    await use(application);
  });
}

for (const link of links) {
  Deno.test(`where ${link[0]} is a link, install goes on with its own changes, and uninstall brings all back`, async () => {
    await inLinked(link, async ({ folder, install, uninstall }) => {
      const before = picture(folder);
      const said = await succeeds(install(["--replace"]));
      assert.doesNotMatch(said, /Note/);
      assert.match(await succeeds(install()), /already, and complete/);
      assert.doesNotMatch(await succeeds(uninstall()), /Note/);
      assert.deepEqual(await status(folder), []);
      assert.deepEqual(picture(folder), before);
    });
  });

  Deno.test(`where ${link[0]} is a link, the patch of --dry-run can be applied`, async () => {
    await inLinked(link, async ({ folder, install }) => {
      const { output, errors } = await install(["--prefix", "sync", "--dry-run"]);
      assert.doesNotMatch(errors, /git apply/);
      await Deno.writeTextFile(`${folder}.patch`, output);
      await git(folder, "apply", `${folder}.patch`);
      assert.match(await succeeds(install()), /already, and complete/);
    });
  });
}

Deno.test("another change beyond a link is still refused", async () => {
  await inLinked(["supabase/functions", "backend/fn"], async (application) => {
    await succeeds(application.install(["--prefix", "sync"]));
    put(application.folder, { "backend/fn/other/index.ts": "edited\n" });
    await refuses(
      application,
      application.install,
      /uncommitted changes \(backend\/fn\/other\/index\.ts\)/,
    );
  });
});

Deno.test("a file of secrets beyond a link that git has is named", async () => {
  await inLinked(["supabase/functions", "backend/fn"], async ({ folder, install }) => {
    put(folder, { "backend/fn/.env": "SECRET=a\n" });
    await git(folder, "add", "--force", "backend/fn/.env");
    await commit(folder);
    assert.match(
      await succeeds(install(["--prefix", "sync"])),
      /git has supabase\/functions\/\.env\./,
    );
  });
});

Deno.test("functions outside of the repository: no word of what git does not ignore, and --replace is refused", async () => {
  await inApplication(files, async (application) => {
    const { folder, install } = application;
    cpSync(join(folder, "supabase/functions"), `${folder}-functions`, { recursive: true });
    Deno.removeSync(join(folder, "supabase/functions"), { recursive: true });
    symlinkSync("../../app-functions", join(folder, "supabase/functions"));
    put(folder, { ".gitignore": "" });
    await commit(folder);
    await refuses(
      application,
      () => install(["--replace"]),
      /^git does not have supabase\/functions\/clerk-webhook\/index\.ts\./,
    );
    const { errors } = await install(["--prefix", "sync", "--dry-run"]);
    assert.match(errors, /git apply does not take \.\.\/app-functions\/\S+: a link leads out/);
    const said = await succeeds(install(["--prefix", "sync"]));
    assert.doesNotMatch(said, /does not ignore/);
    assert.ok(existsSync(`${folder}-functions/sync-users-me/index.ts`));
  });
});

Deno.test("an application that is reached with a link is installed into where it is", async () => {
  await inApplication(files, async ({ folder, install, uninstall }) => {
    await Deno.remove(join(folder, ".git"), { recursive: true });
    await createRepository(folder);
    symlinkSync("app", `${folder}-link`);
    await succeeds(install([`${folder}-link`, "--prefix", "sync"]));
    assert.match(await succeeds(install([`${folder}-link`])), /already, and complete/);
    await succeeds(uninstall([`${folder}-link`]));
    assert.deepEqual(await status(folder), []);
  });
});
