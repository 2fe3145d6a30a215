import assert from "node:assert/strict";
import { connect, withSql } from "../support/database/connections.ts";
import { anyUserFact } from "../support/facts/any_facts.ts";
import { deliveryOf } from "../support/facts/deliveries.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { deliver } from "../support/stack/deliver.ts";

Deno.test("copies of a delivery in the same microsecond make one ledger entry, and none fails", async () => {
  const connections = await Promise.all([connect(), connect()]);
  try {
    for (let number = 0; number < 600; number++) {
      const id = `msg_same_${crypto.randomUUID()}`;
      // Does what record_deliveries() does, with the same time in every transaction.
      const copies = connections.flatMap((sql) =>
        [1, 2, 3, 4].map(() =>
          sql`
            insert into public.clerk_deliveries as c (delivery_id, received_at, outcome)
            values (${id}, '2026-01-01', 'created')
            on conflict (delivery_id) do update set attempts = c.attempts + excluded.attempts
            returning c.attempts
          `
        )
      );
      const attempts = (await Promise.all(copies)).map(([entry]) => Number(entry?.attempts));
      assert.deepEqual(attempts.sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
    await connections[0]?.unsafe(
      "delete from public.clerk_deliveries where delivery_id like 'msg\\_same\\_%'",
    );
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
});

Deno.test("one of many copies of a delivery is applied, the others are duplicates", async () => {
  const random = seededRandom(printedSeed("Same delivery"));
  for (let number = 0; number < 20; number++) {
    const clerkId = newClerkId();
    const delivery = deliveryOf(anyUserFact(clerkId, random));
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => deliver(delivery.body, { id: delivery.id })),
    );
    const outcomes = answers.map(({ body }) => JSON.stringify(body)).sort();
    const duplicates = Array.from(
      { length: 15 },
      () => '{"received":true,"outcome":"duplicate"}',
    );
    assert.deepEqual(outcomes, ['{"received":true,"outcome":"applied"}', ...duplicates]);
    const [entry] = await withSql((sql) =>
      sql`select outcome, attempts from public.clerk_deliveries where delivery_id = ${delivery.id}`
    );
    assert.deepEqual({ ...entry }, { outcome: "created", attempts: 16 });
  }
});
