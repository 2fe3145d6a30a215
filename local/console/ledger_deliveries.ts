import type { Sql } from "postgres";
import { z } from "zod";
import { createSeconds } from "./seconds.ts";
import type { DeliveriesView, DeliveryView } from "./snapshot.ts";

const ledger = z.array(z.object({
  delivery_id: z.string(),
  event_type: z.string().nullable(),
  attempts: z.int(),
  outcome: z.string(),
  occurred_at: z.date().nullable(),
  last_received_at: z.date(),
}));

const mostShown = 100;

/** Reads the deliveries of a real instance from the ledger, which has what the webhook accepted as genuine. */
export function createLedgerDeliveries(sql: Sql, schema: string): () => Promise<DeliveriesView> {
  const seconds = createSeconds();
  const counted = new Set<string>();

  function count(delivery: DeliveryView): void {
    const key = `${delivery.id} ${delivery.attempt}`;
    if (counted.has(key)) return;
    counted.add(key);
    seconds.add(delivery);
  }

  return async () => {
    const rows = await sql`
      select delivery_id, event_type, attempts, outcome, occurred_at, last_received_at
      from ${sql(`${schema}.clerk_deliveries`)} order by last_received_at desc limit ${mostShown}`;
    const latest = ledger.parse(rows).map((row): DeliveryView => {
      const refused = ["invalid", "rejected"].includes(row.outcome);
      const at = row.last_received_at.getTime();
      // A later delivery of the same message says nothing about how long the first one took.
      const occurred = row.attempts === 1 && !refused ? row.occurred_at?.getTime() : undefined;
      return {
        id: row.delivery_id,
        type: row.event_type ?? "",
        attempt: row.attempts,
        status: null,
        outcome: row.outcome,
        verdict: refused ? "refused" : "taken",
        at,
        lag: occurred === undefined ? null : Math.max(0, at - occurred),
      };
    });
    for (const delivery of latest) count(delivery);
    const none = { waiting: 0, failed: 0, held: false, forged: false, lost: false };
    return { latest, ...none, seconds: seconds.list() };
  };
}
