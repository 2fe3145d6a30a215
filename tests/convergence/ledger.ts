import type { Sql } from "../support/database/connections.ts";
import { readAttempts } from "./connections.ts";
import type { HistoryRun } from "./run_of_history.ts";
import { expect } from "./violation.ts";

/** Checks that the ledger has every delivery, and how often it came. */
export async function checkLedger(runs: readonly HistoryRun[], sql: Sql): Promise<void> {
  const sent = new Map<string, number>();
  for (const run of runs) {
    for (const delivery of run.calls.flatMap(({ deliveries }) => deliveries)) {
      const id = run.deliveryId(delivery);
      if (id !== null) sent.set(id, (sent.get(id) ?? 0) + 1);
    }
  }
  expect("the ledger counts every delivery", "attempts by delivery", {
    actual: await readAttempts(sql, [...sent.keys()]),
    expected: sent,
  });
}
