/** Deliveries that come at the same time, and so go to the database together. */
import assert from "node:assert/strict";
import { createClerkWebhook } from "../../supabase/functions/clerk-webhook/handler.ts";
import { createDatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { createGroupedCall } from "../../supabase/functions/_shared/database/grouped_calls.ts";
import type { UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { withSql } from "../support/database/connections.ts";
import { userFactOf } from "../support/facts/any_facts.ts";
import { eventOf } from "../support/facts/events.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { deliver, signedHeaders } from "../support/stack/deliver.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { readRow } from "../support/stack/supabase.ts";

const applied = { status: 200, body: { received: true, outcome: "applied" } };

function newUsers(count: number): readonly UserFact[] {
  return Array.from({ length: count }, () => userFactOf(newClerkId(), "Ada", {}));
}

async function deliverAll(facts: readonly UserFact[]) {
  const answers = await Promise.all(facts.map((fact) => deliver(eventOf(fact, "created"))));
  return answers.map(({ status, body }) => ({ status, body }));
}

async function assertWritten(facts: readonly UserFact[]): Promise<void> {
  for (const { clerk_id: id } of facts) assert.equal((await readRow(id))?.clerk_id, id);
}

Deno.test("one refused event of a burst fails alone", async () => {
  const neighbours = newUsers(60);
  const refused = userFactOf(newClerkId(), "Refused", {});
  await withSql(async (sql) => {
    await sql.unsafe(`
      alter table public.users
        add constraint not_in_a_burst check (clerk_id <> '${refused.clerk_id}')
    `);
    try {
      const all = neighbours.toSpliced(30, 0, refused);
      const answers = await deliverAll(all);
      assert.equal(answers[30]?.status, 500);
      assert.deepEqual(answers.toSpliced(30, 1), neighbours.map(() => applied));
    } finally {
      await sql.unsafe("alter table public.users drop constraint not_in_a_burst");
    }
  });
  await assertWritten(neighbours);
  assert.equal(await readRow(refused.clerk_id), null);
});

Deno.test("a row that somebody holds locked for long fails alone, and later deliveries do not wait for it", async () => {
  const [locked, ...neighbours] = newUsers(40);
  assert.ok(locked);
  assert.deepEqual(await deliverAll([locked]), [applied]);
  await withSql((sql) =>
    sql.begin(async (transaction) => {
      await transaction`
        select id from public.users where clerk_id = ${locked.clerk_id} for update
      `;
      const news = { ...locked, clerk_updated_at: new Date().toISOString() };
      const burst = deliverAll([...neighbours.slice(0, 20), news, ...neighbours.slice(20)]);
      // While the burst waits for the row, others come and go.
      let isOver = false;
      const answers = burst.finally(() => isOver = true);
      const later = newUsers(5);
      assert.deepEqual(await deliverAll(later), later.map(() => applied));
      assert.equal(isOver, false);
      assert.equal((await answers)[20]?.status, 503);
      assert.deepEqual((await answers).toSpliced(20, 1), neighbours.map(() => applied));
    })
  );
  await assertWritten(neighbours);
});

Deno.test("a delivery that comes twice in a burst is applied once", async () => {
  const facts = newUsers(30);
  const deliveries = facts.map((fact) => ({
    body: eventOf(fact, "created"),
    id: `msg_${crypto.randomUUID()}`,
  }));
  const answers = await Promise.all(
    [...deliveries, ...deliveries].map(({ body, id }) => deliver(body, { id })),
  );
  const outcomes = answers.map(({ body }) => JSON.stringify(body)).sort();
  assert.deepEqual(outcomes, [
    ...facts.map(() => '{"received":true,"outcome":"applied"}'),
    ...facts.map(() => '{"received":true,"outcome":"duplicate"}'),
  ]);
  await assertWritten(facts);
  const [ledger] = await withSql((sql) =>
    sql`
      select count(*)::int as entries, sum(attempts)::int as attempts
      from public.clerk_deliveries where delivery_id = any (${deliveries.map(({ id }) => id)})
    `
  );
  assert.deepEqual({ ...ledger }, { entries: 30, attempts: 60 });
});

Deno.test("deliveries whose senders have gone harm no other, and come again", async () => {
  const facts = newUsers(60);
  const goingAway = facts.map(async (fact, index) => {
    const body = eventOf(fact, "created");
    const caller = new AbortController();
    if (index % 2 === 0) setTimeout(() => caller.abort(), index);
    const response = await fetch(`${runningStack().API_URL}/functions/v1/clerk-webhook`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...signedHeaders(body) },
      signal: caller.signal,
    });
    await response.body?.cancel();
    return response.status;
  });
  const answers = await Promise.allSettled(goingAway);
  for (const [index, answer] of answers.entries()) {
    if (index % 2 === 1) assert.deepEqual(answer, { status: "fulfilled", value: 200 });
  }
  const again = await deliverAll(facts);
  assert.deepEqual(again.map(({ status }) => status), facts.map(() => 200));
  await assertWritten(facts);
});

/** The webhook in this process, where few deliveries may wait: a burst exceeds that on a busy machine too. */
function createWebhook(longestQueue: number): (body: string) => Promise<Response> {
  const { API_URL, SERVICE_ROLE_KEY, CLERK_WEBHOOK_SECRET } = runningStack();
  const database = createDatabaseClient({ url: API_URL, key: SERVICE_ROLE_KEY });
  const handle = createClerkWebhook({
    verifySignature: createSignatureVerifier([CLERK_WEBHOOK_SECRET]),
    instanceId: undefined,
    writeFact: createGroupedCall({
      call: (items) => database.applyFacts(items, { returnUsers: false }),
      largestGroup: 5,
      longestQueue,
    }),
    log: () => {},
  });
  return (body) =>
    handle(
      new Request(`${API_URL}/clerk-webhook`, {
        method: "POST",
        body,
        headers: signedHeaders(body),
      }),
    );
}

Deno.test("more deliveries than may wait are asked to come again", async () => {
  const send = createWebhook(20);
  const facts = newUsers(300);
  const bodies = facts.map((fact) => eventOf(fact, "created"));
  const answers = await withSql((sql) =>
    sql.begin(async (transaction) => {
      // Nothing can be written until this transaction ends.
      await transaction`lock table public.users in share mode`;
      return await Promise.all(bodies.map(send));
    })
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [503]);
  const refused = answers.filter(({ headers }) => headers.get("retry-after") === "1").length;
  // Groups of five go on beside those that are held up, so more than 21 may get further.
  assert.ok(refused > 150, `${refused} were refused at once`);
  assert.deepEqual((await deliverAll(facts)).map(({ status }) => status), facts.map(() => 200));
  await assertWritten(facts);
});
