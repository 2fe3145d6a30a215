/**
 * Replays many more histories than the tests do, directly against PostgreSQL: `deno task histories`.
 * SEED and HISTORIES in the environment choose which and how many. The default is 100,000.
 */
import { createPrinter } from "../../local/printer.ts";
import { withOwnStack } from "../support/stack/own_stack.ts";
import { assertHolds, bundleSize, checkHistories, chooseHistories } from "./property.ts";
import { withScratchDatabase } from "./scratch_database.ts";
import { replayThroughSql } from "./sql_replay.ts";

/** Histories between two lines of progress. */
const stretch = 5_000;

const printer = createPrinter();
const choice = chooseHistories(100_000);

await withOwnStack({
  // Nobody needs this database afterwards.
  databaseSettings: { "full_page_writes": "off", "synchronous_commit": "off" },
  print: printer.line,
}, async () => {
  const started = performance.now();
  let done = 0;

  const report = () => {
    const seconds = (performance.now() - started) / 1000;
    printer.line(`${done} histories, ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)}/s`);
  };

  await withScratchDatabase(async (connections) => {
    const verdict = await checkHistories(choice, async (replays) => {
      await replayThroughSql(replays, connections);
      done += bundleSize;
      if (done % stretch === 0) report();
    });
    assertHolds(verdict, choice);
  });
  report();
  printer.line("All end in the same rows, and in the right ones");
});
