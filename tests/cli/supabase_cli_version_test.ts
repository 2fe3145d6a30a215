import assert from "node:assert/strict";
import { join } from "node:path";
import { requireSupabaseCli } from "../../cli/install/supabase_cli_version.ts";
import { inFolder, putCommand } from "./folders.ts";

/** In place of the one in PATH, which all tests of this process share. */
const nowhere = "/nowhere/supabase";

/** Puts a Supabase CLI where only PATH would find it. */
function putInPath(folder: string, script: string): string {
  const command = join(folder, "commands/supabase");
  putCommand(command, script);
  return command;
}

const taken = [
  ["the first that reads a deno.json for each function", "echo 1.215.0"],
  ["a newer one", "echo 3.1.0"],
  ["one that says its name", "echo 'supabase version 2.20.3'"],
  ["one that also speaks of a newer version", "echo 2.20.3; echo 'A new version is there' >&2"],
  ["one that does not start", "exit 127"],
  ["one that says no version", "echo hello"],
] as const;

for (const [what, script] of taken) {
  Deno.test(`a Supabase CLI is taken: ${what}`, async () => {
    await inFolder(async (folder) => {
      putCommand(join(folder, "node_modules/.bin/supabase"), script);
      await requireSupabaseCli(folder, nowhere);
    });
  });
}

for (
  const [what, script] of [
    ["hangs", "exec sleep 60"],
    ["leaves a process behind that holds its output", "sleep 60"],
    ["ends, but whose output another process holds", "sleep 60 & exit 0"],
    ["says its version, and hangs", "echo 1.0.0; sleep 60"],
    ["does not let itself be ended", "trap '' TERM INT; sleep 60"],
  ] as const
) {
  Deno.test(`install does not wait for a Supabase CLI that ${what}`, async () => {
    await inFolder(async (folder) => {
      putCommand(join(folder, "node_modules/.bin/supabase"), script);
      const begun = Date.now();
      await requireSupabaseCli(folder, nowhere, 500);
      assert.ok(Date.now() - begun < 10_000);
    });
  });
}

Deno.test("an application without a Supabase CLI is taken", async () => {
  await inFolder((folder) => requireSupabaseCli(folder, nowhere));
});

for (const version of ["1.214.9", "1.99.5", "0.30.0", "1.215.0-beta.1"]) {
  Deno.test(`a Supabase CLI ${version} is too old`, async () => {
    await inFolder(async (folder) => {
      putCommand(join(folder, "node_modules/.bin/supabase"), `echo ${version}`);
      await assert.rejects(
        requireSupabaseCli(folder, putInPath(folder, "echo 3.1.0")),
        new RegExp(
          `^Error: Your Supabase CLI is ${version}\\. The functions need 1\\.215\\.0 or newer: [^\n]+$`,
        ),
      );
    });
  });
}

Deno.test("the application's own CLI counts before that of the monorepo, and both before that in PATH", async () => {
  await inFolder(async (folder) => {
    const project = join(folder, "packages/database");
    putCommand(join(project, "node_modules/.bin/supabase"), "echo 3.1.0");
    putCommand(join(folder, "node_modules/.bin/supabase"), "echo 1.0.1");
    const inPath = putInPath(folder, "echo 1.0.0");
    await requireSupabaseCli(project, inPath);
    Deno.removeSync(join(project, "node_modules"), { recursive: true });
    await assert.rejects(requireSupabaseCli(project, inPath), /is 1\.0\.1\./);
    Deno.removeSync(join(folder, "node_modules"), { recursive: true });
    await assert.rejects(requireSupabaseCli(project, inPath), /is 1\.0\.0\./);
  });
});

Deno.test("the CLI is told neither to look for a newer version nor to send telemetry", async () => {
  await inFolder(async (folder) => {
    putCommand(
      join(folder, "node_modules/.bin/supabase"),
      'test "$SUPABASE_NO_UPDATE_NOTIFIER$SUPABASE_TELEMETRY_DISABLED" = 11 && echo 3.1.0 || echo 1.0.0',
    );
    await requireSupabaseCli(folder, nowhere);
  });
});
