import assert from "node:assert/strict";
import { join } from "node:path";
import { findProject } from "../../cli/install/application.ts";
import { inFolder, put } from "./folders.ts";

/** Files that make folders Supabase projects. */
function projects(...folders: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    folders.map((folder) => [join(folder, "supabase/config.toml"), "project_id = 'a'\n"]),
  );
}

const found = [
  ["the folder itself", projects("."), ".", "."],
  ["the folder itself, although others are below", projects(".", "packages/a"), ".", "."],
  ["its supabase folder", projects("."), "supabase", "."],
  ["a folder inside it", { ...projects("."), "src/deep/a.ts": "" }, "src/deep", "."],
  [
    "its functions",
    { ...projects("."), "supabase/functions/a/b.ts": "" },
    "supabase/functions/a",
    ".",
  ],
  ["the only project of a monorepo", projects("packages/database"), ".", "packages/database"],
  [
    "a project in packages/supabase",
    { "packages/supabase/config.toml": "" },
    "packages/supabase",
    "packages",
  ],
  ["one of several that is given", projects("apps/a", "apps/b"), "apps/b", "apps/b"],
  ["the one below what is given", projects("apps/a", "apps/b"), "apps", undefined],
  [
    "none among installed packages",
    projects("node_modules/a", ".next/b", "dist/c", "app"),
    ".",
    "app",
  ],
  ["none in a folder without any", { "README.md": "" }, ".", undefined],
  [
    "none above the top of a repository",
    { ...projects("."), "app/.git/HEAD": "" },
    "app",
    undefined,
  ],
  [
    "the top of a repository from inside",
    { ...projects("app"), "app/.git/HEAD": "", "app/a/b": "" },
    "app/a",
    "app",
  ],
  ["none where config.toml is a folder", { "supabase/config.toml/a": "" }, ".", undefined],
] as const;

for (const [what, files, given, expected] of found) {
  Deno.test(`the project is found: ${what}`, async () => {
    await inFolder(async (folder) => {
      // The top of this test's own world.
      put(folder, {
        ...files,
        "outside.txt": "",
        ...("app/.git/HEAD" in files ? {} : { ".git/HEAD": "" }),
      });
      const search = findProject(join(folder, given));
      if (expected === undefined) await assert.rejects(search, /^Error: [^\n]+$/);
      else assert.equal(await search, join(folder, expected));
    });
  });
}

Deno.test("several projects are listed, and none is chosen", async () => {
  await inFolder(async (folder) => {
    put(folder, projects("apps/web", "apps/admin", "packages/database"));
    await assert.rejects(
      findProject(folder),
      /There are several Supabase projects here: apps\/admin, apps\/web, packages\/database\. Give the folder of one$/,
    );
  });
});

Deno.test("a folder that is none, or has no project, is refused with what to do", async () => {
  await inFolder(async (folder) => {
    put(folder, { "file": "", ".git/HEAD": "" });
    await assert.rejects(findProject(join(folder, "file")), /file is no folder\. Give the folder/);
    await assert.rejects(findProject(join(folder, "no")), /no is no folder\. Give the folder/);
    await assert.rejects(
      findProject(folder),
      /has no supabase\/config\.toml\. Run "npx supabase init"/,
    );
  });
});

Deno.test("a folder that cannot be read hides no project", async () => {
  await inFolder(async (folder) => {
    put(folder, { ...projects("app"), "volumes/data/a": "" });
    const closed = join(folder, "volumes/data");
    const { readDir } = Deno;
    // Root may read every folder, so the answer is given here.
    const refuse = (path: string | URL) => {
      if (String(path) === closed) throw new Deno.errors.PermissionDenied("Permission denied");
      return readDir(path);
    };
    Reflect.set(Deno, "readDir", refuse);
    try {
      assert.equal(await findProject(folder), join(folder, "app"));
    } finally {
      Reflect.set(Deno, "readDir", readDir);
    }
  });
});
