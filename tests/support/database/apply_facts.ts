import type { TransactionSql } from "postgres";
import { z } from "zod";
import type { Sql } from "./connections.ts";

const outcome = z.enum([
  "created",
  "updated",
  "unchanged",
  "stale",
  "duplicate",
  "invalid",
  "rejected",
]);

/** What became of a fact. */
export type Outcome = z.infer<typeof outcome>;

const items = z.array(z.object({ item: z.int(), outcome, reason: z.string().nullable() }));

/** The outcomes in the function's answer, item by item. */
export function outcomesIn(answer: unknown): Outcome[] {
  return items.parse(answer).map((item) => item.outcome);
}

/** Applies a batch of facts and returns the outcomes, item by item. */
export async function applyFacts(
  sql: Sql | TransactionSql,
  facts: readonly unknown[],
): Promise<Outcome[]> {
  const answer = await sql`
    select item, outcome, reason from public.apply_clerk_facts(${
    JSON.stringify(facts)
  }::text::jsonb)
    order by item
  `;
  return outcomesIn([...answer]);
}
