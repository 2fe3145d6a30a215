import { meaningOf } from "../../supabase/functions/_shared/failure.ts";
import { createFull } from "../../supabase/functions/_shared/reconcile/full.ts";
import { createBackfill } from "../../supabase/functions/_shared/runs/backfill.ts";
import { createRunner } from "../../supabase/functions/_shared/runs/run.ts";
import type { StackValues } from "../values.ts";
import { sourcesOf } from "./comparison.ts";

/** Runs backfill, or reconcile with repairs, and says how it ended. */
export async function runSync(
  kind: "backfill" | "reconcile",
  values: StackValues,
  double: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { store, ...sources } = sourcesOf(values, double, signal);
  const report = () => true;
  const run = createRunner(store);
  const advanced = kind === "backfill"
    ? await run(createBackfill({ ...sources, dryRun: false, report }), { signal })
    : await run(createFull({ ...sources, repairs: true, report }), { signal });
  if (!advanced.ok) return `The run failed: ${meaningOf(advanced.failure).message}`;
  const { value } = advanced;
  if (value.status === "held") return "Another process works on such a run";
  if (value.status === "open") {
    const why = value.failure ? meaningOf(value.failure).message : "Interrupted";
    return `The run stopped: ${why}. Start it again to go on`;
  }
  return `The run ended: ${value.ending.outcome}`;
}
