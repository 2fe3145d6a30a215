import type { TransactionSql } from "postgres";

/** Applies a batch of facts; the outcomes, item by item. */
export async function apply(sql: TransactionSql, facts: readonly unknown[]): Promise<string[]> {
  const items = await sql`
    select outcome from public.apply_clerk_facts(${
    JSON.stringify(facts)
  }::text::jsonb) order by item
  `;
  return items.map((item) => String(item.outcome));
}
