import assert from "node:assert/strict";
import { join } from "node:path";
import { requireCleanTree } from "../../cli/install/clean_tree.ts";
import { openRepository } from "../../cli/install/git.ts";
import { hashOf, type Manifest, manifestPath } from "../../cli/install/manifest.ts";
import { createReadFile } from "../../cli/install/project_file.ts";
import { inFolder, put } from "./folders.ts";
import { commit, createRepository, git } from "../support/application/repository.ts";

/** A repository whose project is in a folder of it. */
async function inRepository(use: (project: string, top: string) => Promise<void>): Promise<void> {
  await inFolder(async (top) => {
    put(top, {
      "README.md": "a\n",
      "app/supabase/config.toml": "a\n",
      "app/supabase/functions/old/index.ts": "old\n",
      "app/.gitignore": ".env\n",
    });
    await createRepository(top);
    await use(join(top, "app"), top);
  });
}

async function check(project: string, manifest?: Manifest): Promise<void> {
  await requireCleanTree(await openRepository(project), createReadFile(project), manifest);
}

const manifest: Manifest = {
  version: "0.1.0",
  schema: "public",
  prefix: "",
  files: { "supabase/functions/a/index.ts": hashOf("a\n") },
  migrations: {},
  edits: { "supabase/config.toml": { created: false, hash: hashOf("b\n"), texts: [] } },
  replaced: { commit: "0", paths: ["supabase/functions/old/index.ts"] },
};

Deno.test("a clean tree is taken, and so are ignored files and a folder without git", async () => {
  await inRepository(async (project) => {
    put(project, { ".env": "SECRET=a\n" });
    await check(project);
  });
  await inFolder((folder) => check(folder));
});

const dirty = [
  ["a changed file", { "app/supabase/config.toml": "b\n" }, "supabase/config.toml"],
  ["a new file", { "app/new.ts": "" }, "new.ts"],
  ["a new file in a new folder", { "app/new/deep.ts": "" }, "new/deep.ts"],
  ["a change outside of the project", { "README.md": "b\n" }, "../README.md"],
  ["a name with spaces and letters", { "app/ä b.ts": "" }, "ä b.ts"],
  ["many files", { "app/a": "", "app/b": "", "app/c": "", "app/d": "" }, "a, b, c, …"],
] as const;

for (const [what, files, named] of dirty) {
  Deno.test(`a tree is refused with ${what}`, async () => {
    await inRepository(async (project, top) => {
      put(top, files);
      await assert.rejects(check(project), {
        message:
          `git has uncommitted changes (${named}). Commit or stash them first, or add --allow-dirty`,
      });
    });
  });
}

Deno.test("a renamed file is named as it is called now", async () => {
  await inRepository(async (project) => {
    await git(project, "mv", "supabase/functions/old/index.ts", "supabase/functions/old/main.ts");
    await assert.rejects(check(project), /changes \(supabase\/functions\/old\/main\.ts\)\./);
  });
});

Deno.test("a file renamed by hand and told to git is one change", async () => {
  await inRepository(async (project) => {
    const folder = join(project, "supabase/functions/old");
    await Deno.writeTextFile(join(folder, "index.ts"), "export const long = 'enough';\n".repeat(9));
    await commit(project);
    await Deno.rename(join(folder, "index.ts"), join(folder, "main.ts"));
    await git(project, "add", "--intent-to-add", "supabase/functions/old/main.ts");
    await assert.rejects(check(project), /changes \(supabase\/functions\/old\/main\.ts\)\./);
  });
});

Deno.test("a repository that git cannot read does not count as one without changes", async () => {
  await inRepository(async (project, top) => {
    await Deno.writeTextFile(join(top, ".git/index"), "broken");
    await assert.rejects(check(project), {
      message: /^git cannot read the repository \([^\n]+\)\. See what git status says, [^\n]+$/,
    });
    await Deno.writeTextFile(join(top, ".git/config"), "[broken\n");
    await assert.rejects(openRepository(project), /^Error: git cannot read the repository \(/);
  });
});

Deno.test("what an earlier run has left does not count", async () => {
  await inRepository(async (project) => {
    put(project, {
      [manifestPath]: "{}\n",
      "supabase/config.toml": "b\n",
      "supabase/functions/a/index.ts": "a\n",
    });
    Deno.removeSync(join(project, "supabase/functions/old/index.ts"));
    await assert.rejects(check(project), /uncommitted changes/);
    await check(project, manifest);
    put(project, { "supabase/functions/a/index.ts": "edited\n" });
    await assert.rejects(check(project, manifest), /changes \(supabase\/functions\/a\/index\.ts\)/);
  });
});

Deno.test("what is no text counts as a change beside an installation, too", async () => {
  await inRepository(async (project) => {
    put(project, {
      [manifestPath]: "{}\n",
      "a.png": new Uint8Array([0x89, 0xff, 0]),
      "supabase/functions/users-me/b.png": new Uint8Array([0x89, 0xff, 0]),
    });
    await git(project, "init", "--quiet", "inner");
    await assert.rejects(
      check(project, manifest),
      /changes \(a\.png, inner, supabase\/functions\/users-me\/b\.png\)\./,
    );
  });
});

Deno.test("a commit has files only if it has all of them, as they are", async () => {
  await inRepository(async (project) => {
    const repository = await openRepository(project);
    const path = "supabase/functions/old/index.ts";
    const head = (await git(project, "rev-parse", "HEAD")).trim();
    assert.equal(await repository?.commitWith([path]), head);
    assert.equal(await repository?.show(head, path), "old\n");
    put(project, { "supabase/functions/old/new.ts": "" });
    assert.equal(await repository?.commitWith([path, "supabase/functions/old/new.ts"]), undefined);
    await git(project, "add", ".");
    assert.equal(await repository?.commitWith([path, "supabase/functions/old/new.ts"]), undefined);
    await commit(project);
    put(project, { [path]: "edited\n" });
    assert.equal(await repository?.commitWith([path]), undefined);
  });
});

Deno.test("a file in a commit has the line ends of a checkout", async () => {
  await inRepository(async (project) => {
    const repository = await openRepository(project);
    await git(project, "config", "core.autocrlf", "true");
    assert.equal(await repository?.show("HEAD", "supabase/functions/old/index.ts"), "old\r\n");
  });
});

Deno.test("git says what it ignores and tracks", async () => {
  await inRepository(async (project) => {
    const repository = await openRepository(project);
    assert.deepEqual(await repository?.ignored([".env", "supabase/config.toml"]), [".env"]);
    assert.deepEqual(await repository?.ignored(["supabase/config.toml"]), []);
    assert.equal(await repository?.isTracked("supabase/config.toml"), true);
    assert.equal(await repository?.isTracked(".env"), false);
  });
});

Deno.test("a repository without a commit has no file", async () => {
  await inFolder(async (folder) => {
    put(folder, { "a.ts": "" });
    await git(folder, "init", "--quiet");
    const repository = await openRepository(folder);
    assert.equal(await repository?.commitWith(["a.ts"]), undefined);
    await assert.rejects(check(folder), /uncommitted changes \(a\.ts\)/);
  });
});
