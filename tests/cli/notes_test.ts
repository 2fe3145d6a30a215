import assert from "node:assert/strict";
import { parseConfiguration } from "../../cli/install/configuration.ts";
import { openRepository } from "../../cli/install/git.ts";
import { describeSurroundings } from "../../cli/install/notes.ts";
import { inFolder, put } from "./folders.ts";
import { createRepository, git } from "../support/application/repository.ts";

const now = new Date("2026-11-29T12:00:00Z");

type Surroundings = Parameters<typeof describeSurroundings>[0];

/** The notes about an application of one plain file. */
async function notesAbout(
  configuration: string,
  more: Partial<Omit<Surroundings, "project" | "configuration">> = {},
  files: Record<string, string> = {},
): Promise<string[]> {
  let notes: string[] = [];
  await inFolder(async (project) => {
    put(project, { "supabase/config.toml": configuration, ...files });
    notes = await describeSurroundings({
      project,
      configuration: parseConfiguration(configuration),
      names: ["clerk-webhook", "users-me", "users-sync"],
      repository: undefined,
      local: ["20260101000000"],
      remote: undefined,
      adds: true,
      written: [],
      now,
      ...more,
    });
  });
  return notes;
}

Deno.test("a plain application needs no note", async () => {
  assert.deepEqual(await notesAbout(""), []);
  assert.deepEqual(
    await notesAbout(
      '[api]\nenabled = true\nschemas = ["public"]\n[remotes.b.api]\nschemas = "env(A)"\n',
    ),
    [],
  );
  assert.deepEqual(
    await notesAbout("[db.migrations]\nenabled = true\nschema_paths = []\n", {
      local: [],
      remote: [],
    }),
    [],
  );
});

const noted = [
  [
    "migrations that are not enabled",
    "[db.migrations]\nenabled = false\n",
    {},
    /enabled = false: supabase db push applies nothing/,
  ],
  [
    "declarative schemas",
    '[db.migrations]\nschema_paths = ["./a.sql"]\n',
    {},
    /has schema_paths: supabase db diff/,
  ],
  [
    "a branch that overrides a function",
    "[remotes.b.functions.users-me]\nverify_jwt = true\n",
    {},
    /^\[remotes\.b\] overrides the functions: \[functions\.users-me\] verify_jwt = true\. Take it out$/,
  ],
  [
    "a Data API that does not see public",
    '[api]\nenabled = true\nschemas = ["api", "graphql_public"]\n',
    {},
    /^\[api\] schemas = \["api","graphql_public"\]: the Edge Functions call .*"public" among its schemas$/,
  ],
  [
    "a Data API without schemas",
    "[api]\nschemas = []\n",
    {},
    /^\[api\] schemas = \[\]: /,
  ],
  [
    "a Data API that is switched off",
    "[api]\nenabled = false\n",
    {},
    /^\[api\] enabled = false: .* Switch it on/,
  ],
  [
    "a Data API of few rows",
    "[api]\nmax_rows = 100\n",
    {},
    /^\[api\] max_rows = 100: backfill and reconcile read 1000 rows at once\. Allow as many$/,
  ],
  [
    "a branch whose Data API does not see public",
    '[remotes.b.api]\nschemas = ["api"]\n',
    {},
    /^\[remotes\.b\.api\] schemas = /,
  ],
  [
    "a migration in the future",
    "",
    { local: ["20300101000000"] },
    /20300101000000 is in the future/,
  ],
  ["migrations numbered by day", "", { local: ["20260101"] }, /numbered by day/],
  ["a database with other migrations", "", {
    remote: ["20260101000000", "20250102000000", "20250101000000"],
  }, /has 2 migrations that supabase\/migrations lacks, such as 20250101000000\./],
] as const;

for (const [what, configuration, more, note] of noted) {
  Deno.test(`a note tells of ${what}`, async () => {
    const notes = await notesAbout(configuration, more);
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? "", note);
  });
}

Deno.test("the order of migrations is no matter if none is added", async () => {
  assert.deepEqual(await notesAbout("", { local: ["20300101000000"], adds: false }), []);
});

Deno.test("a note tells of declarative schemas that config.toml does not name", async () => {
  const files = { "supabase/schemas/tables/users.sql": "" };
  const [note = "", ...others] = await notesAbout("", {}, files);
  assert.match(note, /^Your schema is in supabase\/schemas: supabase db diff takes /);
  assert.deepEqual(others, []);
  assert.deepEqual(await notesAbout("", {}, { "supabase/schemas/README.md": "" }), []);
});

Deno.test("a note tells of another webhook, and what it seems to do", async () => {
  const [note = ""] = await notesAbout("", {}, {
    "supabase/functions/clerk-webhooks/index.ts": 'on("user.created", () => db.from("profiles"))',
  });
  assert.match(
    note,
    /^supabase\/functions\/clerk-webhooks is yours and stays\. It seems to handle user\.created, and to use the table profiles\./,
  );
});

Deno.test("a note tells of a file of secrets that git has, or does not ignore", async () => {
  await inFolder(async (project) => {
    put(project, { "supabase/config.toml": "" });
    await createRepository(project);
    const repository = await openRepository(project);
    const notes = async () => (await notesAbout("", { repository })).join();
    assert.match(await notes(), /git does not ignore supabase\/functions\/\.env\. Add it/);
    put(project, { ".gitignore": ".env\n", "supabase/functions/.env": "A=\n" });
    assert.equal(await notes(), "");
    await git(project, "add", "--force", "supabase/functions/.env");
    assert.match(await notes(), /git has supabase\/functions\/\.env\. Take it out/);
  });
});

Deno.test("a note tells of files that git ignores", async () => {
  await inFolder(async (project) => {
    put(project, { "supabase/config.toml": "", ".gitignore": ".env*\ndatabase/\n" });
    await createRepository(project);
    const repository = await openRepository(project);
    const folder = "supabase/functions/_clerk_sync";
    const written = [".env.example", `${folder}/failure.ts`, `${folder}/database/client.ts`];
    assert.deepEqual(await notesAbout("", { repository, written }), [
      `git ignores 1 of the files, such as ${folder}/database/client.ts. Change .gitignore, or your ` +
      "commit lacks them",
    ]);
    assert.deepEqual(await notesAbout("", { repository, written: written.slice(0, 2) }), []);
  });
});
