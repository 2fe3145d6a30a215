/**
 * Replays many more histories than the tests do, straight against PostgreSQL: `deno task histories`.
 * SEED and HISTORIES in the environment choose which and how many; 100,000 by default.
 */
import { createPrinter } from "../../local/printer.ts";
import { startStack } from "../../local/stack.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { useStack } from "../support/stack/running_stack.ts";
import { untilInterrupted } from "../support/until_interrupted.ts";
import { assertHolds, bundleSize, checkHistories, chooseHistories } from "./property.ts";
import { withScratchDatabase } from "./scratch_database.ts";
import { replayThroughSql } from "./sql_replay.ts";

/** Histories between two lines of progress. */
const stretch = 5_000;

const printer = createPrinter();
const choice = chooseHistories(100_000);
const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-histories-" });
const stack = await startStack({
  directory,
  portBase: freePortBase(),
  // What this database holds is worth nothing afterwards.
  databaseSettings: { fsync: "off", "full_page_writes": "off", "synchronous_commit": "off" },
  print: printer.line,
});
try {
  useStack(stack.values);
  printer.line(`seed ${choice.seed}, ${choice.histories} histories`);
  const started = performance.now();
  let done = 0;

  const report = () => {
    const seconds = (performance.now() - started) / 1000;
    printer.line(`${done} histories, ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)}/s`);
  };

  await untilInterrupted(() =>
    withScratchDatabase(async (connections) => {
      const verdict = await checkHistories(choice, async (replays) => {
        await replayThroughSql(replays, connections);
        done += bundleSize;
        if (done % stretch === 0) report();
      });
      assertHolds(verdict, choice);
    })
  );
  report();
  printer.line("All end in the same rows, and in the right ones");
} finally {
  await stack.stop();
  await Deno.remove(directory, { recursive: true });
}
