import { applyFacts, type Outcome, outcomesIn } from "../support/database/apply_facts.ts";
import { become, type Sql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { lockTimeout } from "./postgres_log.ts";

/** Writes a batch and returns each item's outcome. Throws if the whole batch fails. */
export type ApplyBatch = (facts: readonly unknown[]) => Promise<Outcome[]>;

/** Like a backfill: over HTTP with the service key. */
export const applyOverHttp = untilLocked(async (facts) => {
  const { API_URL, SERVICE_ROLE_KEY } = runningStack();
  const response = await fetch(`${API_URL}/rest/v1/rpc/apply_clerk_facts`, {
    method: "POST",
    headers: { apikey: SERVICE_ROLE_KEY, "content-type": "application/json" },
    body: JSON.stringify({ p_facts: facts }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
  return outcomesIn(await response.json());
});

/** Over a database connection. */
export function applyOverSql(sql: Sql): ApplyBatch {
  return untilLocked((facts) =>
    sql.begin(async (transaction) => {
      await become(transaction, "service_role");
      return await applyFacts(transaction, facts);
    })
  );
}

/** Applies again as long as somebody holds a row for too long, as a backfill does. On a busy machine that happens. */
function untilLocked(apply: ApplyBatch): ApplyBatch {
  return async (facts) => {
    for (;;) {
      const outcomes = await apply(facts).catch((error) => {
        if (!String(error).includes(lockTimeout)) throw error;
      });
      if (outcomes) return outcomes;
    }
  };
}
