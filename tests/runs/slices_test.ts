import assert from "node:assert/strict";
import { advanceSlice } from "../../supabase/functions/_shared/reconcile/slice.ts";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { call, errorOf } from "../support/stack/supabase.ts";
import { makeUsers, withFaults } from "./clerk_side.ts";
import { drifts, foundOrganizations, readCast } from "./drift.ts";
import { run } from "./engine.ts";
import { ask, askToTheEnd } from "./scheduled.ts";
import { assertAsClerk, readRuns, startEmpty } from "./tables.ts";

const seed = printedSeed("slices");
async function plant(users: number): Promise<void> {
  await startEmpty();
  await makeUsers(users, seed);
  await foundOrganizations(12);
  await run("backfill");
  await withSql(async (sql) => {
    const cast = await readCast(sql);
    for (const { plant, final } of drifts) if (!final) await plant(sql, cast);
  });
}

function settings() {
  const { API_URL, SERVICE_ROLE_KEY, CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  return {
    clerk: { apiUrl: CLERK_API_URL, secretKey: CLERK_SECRET_KEY },
    supabase: { url: API_URL, key: SERVICE_ROLE_KEY },
  };
}

Deno.test("a full reconciliation in slices of few pages mends everything in one run", async () => {
  await plant(6_000);
  const first = await advanceSlice("full", { ...settings(), pages: 9 });
  assert.ok(first.ok && !first.value.done);
  let slices = 1;
  for (let done = false; !done; slices++) {
    assert.ok(slices < 30, "it comes to its end");
    const slice = await advanceSlice("continue", { ...settings(), pages: 9 });
    assert.ok(slice.ok, JSON.stringify(slice));
    assert.equal(slice.value.kind, "full");
    done = slice.value.done;
    if (done) assert.equal(slice.value.outcome, "repaired");
  }
  assert.ok(slices > 3, `${slices} slices`);
  await assertAsClerk();
  assert.deepEqual((await readRuns()).map(({ kind, outcome }) => [kind, outcome]), [
    ["backfill", "complete"],
    ["full", "repaired"],
  ]);
  const idle = await advanceSlice("continue", settings());
  assert.deepEqual(idle.ok && [idle.value.kind, idle.value.done], [null, true]);
});

Deno.test("the function advances a reconciliation to its end, whichever kind is asked", async () => {
  await plant(1_600);
  for (const kind of ["recent", "count", "full"]) {
    const started = performance.now();
    assert.equal((await askToTheEnd(kind)).kind, kind);
    assert.ok(performance.now() - started < 60_000);
  }
  await assertAsClerk();
});

Deno.test("the function refuses callers without its key, and kinds that it does not know", async () => {
  const without = await call("clerk-reconcile", { method: "POST" });
  assert.deepEqual([without.status, errorOf(without).code], [401, "missing_token"]);
  const wrong = await ask("recent", runningStack().SERVICE_ROLE_KEY);
  assert.deepEqual([wrong.status, errorOf(wrong).code], [401, "invalid_token"]);
  const unknown = await ask("everything");
  assert.deepEqual([unknown.status, errorOf(unknown).message], [
    400,
    "kind must be one of recent, count, full, continue",
  ]);
});

Deno.test("an outage of Clerk ends a slice with an error, and the next one goes on", async () => {
  await plant(1_600);
  await withFaults([{ route: "GET /v1/*", status: 500 }], async () => {
    const failed = await ask("full");
    assert.deepEqual([failed.status, errorOf(failed).code], [503, "clerk_unavailable"]);
  });
  const answer = await askToTheEnd("continue");
  assert.deepEqual([answer.kind, answer.outcome], ["full", "repaired"]);
  await assertAsClerk();
});
