import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { eventually } from "../support/eventually.ts";

/** What a writer is told that has waited too long for a row. It comes again, so this is no mistake. */
export const lockTimeout = "canceling statement due to lock timeout";

/** Reads what a stack's PostgreSQL logs from now on. */
export async function watchPostgresLog(directory: string) {
  const path = `${directory}/logs/postgres.log`;
  const begin = (await Deno.readTextFile(path)).length;
  const read = async () => (await Deno.readTextFile(path)).slice(begin);
  return {
    /** Asserts that nothing went wrong: no other error, no deadlock, no crash. */
    async assertQuiet(): Promise<void> {
      const mark = `The end of ${crypto.randomUUID()}`;
      await withSql((sql) => sql.unsafe(`do $$ begin raise warning '${mark}'; end $$`));
      await eventually("the log is written", async () => (await read()).includes(mark));
      const lines = (await read()).split("\n").filter((line) =>
        /deadlock|\b(?:WARNING|ERROR|FATAL|PANIC):/.test(line) && !line.includes(mark) &&
        !line.includes(lockTimeout)
      );
      assert.deepEqual(lines, []);
    },
  };
}

/** The folder of the stack that the test run started. */
export function stackDirectory(): string {
  const directory = Deno.env.get("LOCAL_DIR");
  if (directory) return directory;
  throw new Error("These tests need a running stack: run them with `deno task test tests/…`");
}
