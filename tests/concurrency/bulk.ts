import { applyFacts, type Outcome, outcomesIn } from "../support/database/apply_facts.ts";
import { become, type Sql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Writes a batch and returns each item's outcome. Throws if the whole batch fails. */
export type ApplyBatch = (facts: readonly unknown[]) => Promise<Outcome[]>;

/** Like a backfill: over HTTP with the service key. */
export const applyOverHttp: ApplyBatch = async (facts) => {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  const response = await fetch(`${API_URL}/rest/v1/rpc/apply_clerk_facts`, {
    method: "POST",
    headers: { apikey: SERVICE_ROLE_KEY, "content-type": "application/json" },
    body: JSON.stringify({ p_facts: facts }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
  return outcomesIn(await response.json());
};

/** Over a database connection. */
export function applyOverSql(sql: Sql): ApplyBatch {
  return async (facts) =>
    await sql.begin(async (transaction) => {
      await become(transaction, "service_role");
      return await applyFacts(transaction, facts);
    });
}
