/** Proves that the histories can fail: they find each of these mistakes in the SQL. */
import assert from "node:assert/strict";
import type { Sql } from "../support/database/connections.ts";
import { type Mutant, mutants, mutate } from "./mutants.ts";
import { checkOverlaps } from "./overlaps.ts";
import { checkHistories } from "./property.ts";
import { withScratchDatabase } from "./scratch_database.ts";
import { replayThroughSql } from "./sql_replay.ts";
import { Violation } from "./violation.ts";

const histories = 1_000;
/** Few side by side: most mistakes show in the first history or two. */
const size = 10;

/** Returns the violation that is found, if any. */
async function find({ foundBy }: Mutant, connections: readonly Sql[]): Promise<unknown> {
  if (foundBy === "overlaps") {
    return await checkOverlaps(connections).catch((violation) => violation);
  }
  const verdict = await checkHistories(
    { seed: 1, histories },
    (replays) => replayThroughSql(replays, connections),
    { patience: 0, size },
  );
  return verdict.failure?.error;
}

for (const mutant of mutants) {
  Deno.test(`${mutant.foundBy ?? "histories"} find this mistake: ${mutant.mistake}`, async () => {
    const found = new Set<string>();
    await withScratchDatabase(async (connections) => {
      assert.deepEqual(
        found,
        new Set(mutant.edits.map(([before]) => before)),
        "a text is not in the migrations",
      );
      const error = await find(mutant, connections);
      assert.ok(error instanceof Violation, error ? String(error) : "the mistake was not found");
      assert.ok(mutant.violates.includes(error.property), error.message);
    }, (migration) => mutate(migration, mutant, found));
  });
}
