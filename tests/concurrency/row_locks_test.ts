import assert from "node:assert/strict";
import type { UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import { type Sql, withSql } from "../support/database/connections.ts";
import { eventually } from "../support/eventually.ts";
import { userFactOf } from "../support/facts/any_facts.ts";
import { eventOf } from "../support/facts/events.ts";
import { newClerkId, userDeletedFact } from "../support/facts/facts.ts";
import { signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import { backend, callWithToken, readRow } from "../support/stack/supabase.ts";
import { applyOverHttp } from "./bulk.ts";
import { waiting } from "./waiting.ts";

function state(clerkId: string, day: number): UserFact {
  const time = new Date(Date.UTC(2026, 1, day)).toISOString();
  return userFactOf(clerkId, `day${day}`, { clerk_updated_at: time });
}

/** Runs while an open transaction holds a lock on the user's row. */
async function whileLocked(clerkId: string, run: (sql: Sql) => Promise<void>): Promise<void> {
  await withSql((sql) =>
    sql.begin(async (transaction) => {
      await transaction`select id from public.users where clerk_id = ${clerkId} for update`;
      await run(sql);
    })
  );
}

Deno.test("a locked row of one user delays no writer of other users", async () => {
  const [locked, other, fresh] = [newClerkId(), newClerkId(), newClerkId()];
  const real = await signUp();
  const token = await signIn(real.id);
  await webhooksSettled();
  await applyOverHttp([state(locked, 1), state(other, 1)]);
  await whileLocked(locked, async (sql) => {
    const webhook = await deliver(eventOf(state(other, 2)));
    assert.deepEqual(webhook.body, { received: true, outcome: "applied" });
    assert.deepEqual(
      (await deliver(eventOf(state(fresh, 1), "created"))).body,
      { received: true, outcome: "applied" },
    );
    assert.deepEqual(
      await applyOverHttp([state(fresh, 2), state(other, 3)]),
      ["updated", "updated"],
    );
    assert.equal((await callWithToken("users-sync", token)).status, 200);
    assert.equal((await callWithToken("users-me", token)).status, 200);
    await backend().from("users").update({ metadata: { theme: "dark" } }).eq("clerk_id", other)
      .throwOnError();
    await backend().rpc("purge_deleted_users", { p_older_than: "30 days" }).throwOnError();
    // A call that waited would not have returned.
    assert.equal(await waiting(sql), 0);
  });
});

Deno.test("a batch waits for a locked row only if it changes that row", async () => {
  const [locked, other] = [newClerkId(), newClerkId()];
  const [known, older, news] = [state(locked, 2), state(locked, 1), state(locked, 3)];
  await applyOverHttp([known]);
  let late: Promise<string[]> | undefined;
  await whileLocked(locked, async (sql) => {
    assert.deepEqual(
      await applyOverHttp([known, state(other, 1)]),
      ["unchanged", "created"],
    );
    assert.deepEqual(await applyOverHttp([older]), ["stale"]);
    const before = await waiting(sql);
    late = applyOverHttp([news, state(other, 2)]);
    await eventually("the batch with news waits", async () => await waiting(sql) > before);
    // The batch commits as a whole, so the other user's news do not show yet.
    assert.equal((await readRow(other))?.first_name, "day1");
  });
  assert.deepEqual(await late, ["updated", "updated"]);
  assert.equal((await readRow(locked))?.first_name, "day3");
});

Deno.test("a webhook that waited for a deletion leaves the user deleted", async () => {
  const id = newClerkId();
  await applyOverHttp([state(id, 1)]);
  let late: ReturnType<typeof deliver> | undefined;
  await withSql((sql) =>
    sql.begin(async (transaction) => {
      await applyFacts(transaction, [userDeletedFact(id, "2026-03-01T00:00:00.000Z")]);
      const before = await waiting(sql);
      late = deliver(eventOf(state(id, 2)));
      await eventually("the webhook waits", async () => await waiting(sql) > before);
    })
  );
  assert.equal((await late)?.status, 200);
  const row = await readRow(id);
  assert.equal(row?.is_active, false);
  assert.equal(row?.deleted_at, "2026-03-01T00:00:00+00:00");
  assert.equal(row?.first_name, "day2");
});
