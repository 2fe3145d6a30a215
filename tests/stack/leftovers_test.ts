import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { eventually } from "../support/eventually.ts";
import { emptyOfProcesses } from "../support/processes.ts";
import { withFolder } from "./temporary.ts";

/** Interrupts a test run once a file with this name is in its folder of temporary files. */
async function interrupt(path: string, signal: Deno.Signal, name: RegExp): Promise<void> {
  await withFolder(async (folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", join(checkout, "tests", "run.ts"), path],
      env: { TMPDIR: folder },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await eventually(`${name} of ${path}`, () => has(folder, name), 30_000);
    child.kill(signal);
    const { code } = await child.status;
    assert.equal(code, 1);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await emptyOfProcesses(folder);
  });
}

/** Whether a file with this name is in the folder, at any depth. */
function has(folder: string, name: RegExp): boolean {
  try {
    return [...Deno.readDirSync(folder)].some((entry) =>
      name.test(entry.name) || entry.isDirectory && has(join(folder, entry.name), name)
    );
  } catch (error) {
    // Other processes still change the folder.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("an interrupted test run leaves no process and no file", async () => {
  // The first while the suite's stack starts, the second while a test runs one as a command.
  await interrupt("tests/leaks/log_scan_test.ts", "SIGINT", /^postmaster\.pid$/);
  await interrupt("tests/stack/life_cycle_test.ts", "SIGTERM", /^status\.json$/);
});
