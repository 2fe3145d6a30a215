/** That the histories can fail: each of these mistakes in the SQL is found by them. */
import assert from "node:assert/strict";
import { mutants, mutate } from "./mutants.ts";
import { checkHistories } from "./property.ts";
import { withScratchDatabase } from "./scratch_database.ts";
import { replayThroughSql } from "./sql_replay.ts";
import { Violation } from "./violation.ts";

for (const mutant of mutants) {
  Deno.test(`Histories find this mistake: ${mutant.mistake}`, async () => {
    const found = new Set<string>();
    await withScratchDatabase(async (connections) => {
      assert.deepEqual(found, new Set(mutant.edits.map(([before]) => before)), "No such SQL");
      const verdict = await checkHistories(
        { seed: 1, histories: 1_000 },
        (replays) => replayThroughSql(replays, connections),
        0,
      );
      const error = verdict.failure?.error;
      assert.ok(error instanceof Violation, `${verdict.histories} histories did not find it`);
      assert.ok(mutant.violates.includes(error.property), error.message);
    }, (migration) => mutate(migration, mutant, found));
  });
}
