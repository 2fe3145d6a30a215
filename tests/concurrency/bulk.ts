import { z } from "zod";
import { become, type Sql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";

const outcome = z.enum([
  "created",
  "updated",
  "unchanged",
  "stale",
  "duplicate",
  "invalid",
  "rejected",
]);
export type Outcome = z.infer<typeof outcome>;

const items = z.array(z.object({ item: z.int(), outcome, reason: z.string().nullable() }));

/** Writes a batch and tells the outcomes, item by item. Throws where it fails as a whole. */
export type ApplyBatch = (facts: readonly unknown[]) => Promise<Outcome[]>;

/** As a backfill does: over HTTP with the service key. */
export const applyOverHttp: ApplyBatch = async (facts) => {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  const response = await fetch(`${API_URL}/rest/v1/rpc/apply_clerk_facts`, {
    method: "POST",
    headers: { apikey: SERVICE_ROLE_KEY, "content-type": "application/json" },
    body: JSON.stringify({ p_facts: facts }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
  return outcomesOf(await response.json());
};

/** As somebody with a database connection does. */
export function applyOverSql(sql: Sql): ApplyBatch {
  return async (facts) =>
    outcomesOf(
      await sql.begin(async (transaction) => {
        await become(transaction, "service_role");
        return await transaction`
          select item, outcome, reason
          from public.apply_clerk_facts(${JSON.stringify(facts)}::text::jsonb)
          order by item
        `;
      }),
    );
}

function outcomesOf(answer: unknown): Outcome[] {
  return items.parse(answer).map((item) => item.outcome);
}
