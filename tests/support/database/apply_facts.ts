import type { TransactionSql } from "postgres";
import { z } from "zod";
import { outcomes } from "../../../supabase/functions/_shared/database/client.ts";
import type { Sql } from "./connections.ts";

const outcome = z.enum(outcomes);

/** The outcome of a fact. */
export type Outcome = z.infer<typeof outcome>;

const items = z.array(z.object({ item: z.int(), outcome, reason: z.string().nullable() }));

/** Each item's outcome in the function's answer. */
export function outcomesIn(answer: unknown): Outcome[] {
  return items.parse(answer).map((item) => item.outcome);
}

/** Applies a batch of facts and returns each item's outcome. */
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
