import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { makeUsers } from "./clerk_side.ts";
import { type Drift, drifts, foundOrganizations, readCast } from "./drift.ts";
import { linesOf, run } from "./engine.ts";
import { assertAsClerk, readRuns, readVersions, startEmpty } from "./tables.ts";

const seed = printedSeed("reconcile");
const final = drifts.filter(({ final = false }) => final);
const mendable = drifts.filter(({ final = false }) => !final);

/** Everybody on both sides, and then this drift on ours. Returns the lines for it. */
async function plant(planted: readonly Drift[]): Promise<string[]> {
  await startEmpty();
  await makeUsers(1_600, seed);
  await foundOrganizations(12);
  await run("backfill");
  return await withSql(async (sql) => {
    const cast = await readCast(sql);
    const lines: string[] = [];
    for (const { plant } of planted) lines.push(...await plant(sql, cast));
    return lines.sort();
  });
}

Deno.test(`reconcile finds every kind of drift, mends it, and then finds nothing`, async () => {
  const lines = await plant(mendable);
  const versions = await readVersions();
  const found = await run("full");
  assert.deepEqual(linesOf(found), lines);
  assert.deepEqual([found.ending.outcome, found.ending.drift], ["drift", lines.length]);
  assert.equal(await readVersions(), versions, "without --repair nothing is written");

  const mended = await run("full", { repairs: true });
  assert.deepEqual(linesOf(mended), lines);
  assert.ok(mended.findings.every(({ repaired }) => repaired));
  assert.deepEqual([mended.ending.outcome, mended.ending.drift], ["repaired", 0]);
  await assertAsClerk();

  const clean = await run("full");
  assert.deepEqual([clean.ending.outcome, clean.findings], ["clean", []]);
  assert.deepEqual(
    (await readRuns()).slice(1).map(({ kind, repairs, outcome, drift }) => [
      kind,
      repairs,
      outcome,
      drift,
    ]),
    [
      ["full", false, "drift", lines.length],
      ["full", true, "repaired", 0],
      ["full", false, "clean", 0],
    ],
  );
});

for (const drift of drifts) {
  Deno.test(`reconcile finds ${drift.name}, and nothing else`, async () => {
    const lines = await plant([drift]);
    assert.deepEqual(linesOf(await run("full")), lines);
    if (drift.counted) assert.deepEqual(linesOf(await run("count")), lines);
    const mended = await run(drift.counted ? "count" : "full", { repairs: true });
    assert.deepEqual(
      mended.findings.map(({ repaired }) => repaired),
      lines.map(() => !drift.final),
    );
    const after = await run("full");
    assert.deepEqual(linesOf(after), drift.final ? lines : []);
  });
}

Deno.test("what is wrongly deleted stays so until an operator revives it", async () => {
  const lines = await plant(final.slice(0, 1));
  const id = lines[0]?.split(" ")[1] ?? "";
  assert.equal((await run("full", { repairs: true })).ending.outcome, "drift");
  await withSql((sql) => sql`select public.revive_clerk_user(${id}, 'deleted by mistake')`);
  assert.equal((await run("full", { repairs: true })).ending.drift, 0);
  await assertAsClerk();
});
