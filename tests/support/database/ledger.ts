import assert from "node:assert/strict";
import { z } from "zod";
import type { Delivery } from "../facts/deliveries.ts";
import { withSql } from "./connections.ts";

/** A delivery that was answered with success in the end. */
export interface Acknowledged {
  readonly delivery: Delivery;
  readonly outcome: string;
  readonly attempts: number;
}

const entries = z.array(z.object({
  delivery_id: z.string(),
  subject: z.string().nullable(),
  outcome: z.string(),
  attempts: z.int(),
}));

/** The ledger's entries about these subjects. */
export async function readLedger(subjects: readonly string[]) {
  const rows = await withSql((sql) =>
    sql`
      select delivery_id, subject, outcome, attempts
      from public.clerk_deliveries where subject in ${sql(subjects)}
    `
  );
  return entries.parse([...rows]);
}

/** The possible outcomes in the ledger, by the delivery's final answer. */
const recorded: Readonly<Record<string, readonly string[]>> = {
  applied: ["created", "updated"],
  stale: ["stale"],
  // The answer to an earlier attempt was lost, or the same deletion was already known.
  duplicate: ["created", "updated", "unchanged", "stale"],
};

/** Asserts that the ledger holds exactly the acknowledged deliveries, with the right outcomes. */
export async function assertLedger(acknowledged: readonly Acknowledged[]): Promise<void> {
  const subjects = [...new Set(acknowledged.map(({ delivery }) => delivery.fact.clerk_id))];
  const ledger = await readLedger(subjects);
  assert.equal(ledger.length, acknowledged.length);
  const byId = new Map(ledger.map((entry) => [entry.delivery_id, entry]));
  for (const { delivery, outcome, attempts } of acknowledged) {
    const entry = byId.get(delivery.id);
    assert.ok(entry, `an acknowledged delivery is in the ledger (${outcome})`);
    assert.equal(entry.subject, delivery.fact.clerk_id);
    assert.ok(recorded[outcome]?.includes(entry.outcome), `${outcome}, but ${entry.outcome}`);
    assert.ok(
      entry.attempts >= 1 && entry.attempts <= attempts,
      "the ledger counts no more attempts than were made",
    );
    if (outcome === "duplicate" && delivery.fact.kind === "user") {
      assert.ok(attempts > 1 && entry.attempts > 1, "a duplicate had an earlier attempt");
    }
  }
  for (const subject of subjects) {
    const created = ledger.filter((entry) =>
      entry.subject === subject && entry.outcome === "created"
    );
    assert.equal(created.length, 1, "each row is created once");
  }
}
