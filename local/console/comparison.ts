import { meaningOf } from "../../supabase/functions/_shared/failure.ts";
import { createFull } from "../../supabase/functions/_shared/reconcile/full.ts";
import { createReport } from "../../supabase/functions/_shared/runs/finding.ts";
import { createSources } from "../../supabase/functions/_shared/runs/sources.ts";
import { addTally, noCounts } from "../../supabase/functions/_shared/runs/tally.ts";
import type { StackValues } from "../values.ts";
import type { Agreement } from "./snapshot.ts";

/** Requests to the double in 10 s, which has no limit. For a real instance the usual pace counts. */
const doublePace = 5_000;

export function sourcesOf(values: StackValues, double: boolean, signal: AbortSignal) {
  return createSources({
    clerk: { secretKey: values.CLERK_SECRET_KEY, apiUrl: values.CLERK_API_URL },
    supabase: { url: values.API_URL, key: values.SECRET_KEY },
    signal,
    pace: double ? doublePace : undefined,
    patience: 0,
  });
}

/**
 * Compares all rows with Clerk as reconcile does, but mends nothing, keeps no record, and takes a
 * webhook that is under way for a difference: the page shows how things are at this moment.
 */
export async function compareNow(
  values: StackValues,
  double: boolean,
  signal: AbortSignal,
): Promise<Agreement> {
  const differences = new Map<string, number>();
  const job = createFull({
    ...sourcesOf(values, double, signal),
    repairs: false,
    settling: 0,
    report: createReport(({ difference }) =>
      differences.set(difference, (differences.get(difference) ?? 0) + 1)
    ),
  });
  const counts = noCounts();
  const worked = await job.work({
    state: job.begin(),
    counts,
    since: null,
    startedAt: new Date().toISOString(),
    add: (resource, tally) => addTally(counts[resource], tally),
    note: () => {},
    signal,
  });
  if (!worked.ok) return { state: "failed", detail: meaningOf(worked.failure).message };
  if (!worked.value.ended) return { state: "failed", detail: "Interrupted" };
  const detail = [...differences].map(([name, count]) => `${count} ${name.replace("_", " ")}`);
  return { state: detail.length === 0 ? "agree" : "differ", detail: detail.join(", ") };
}
