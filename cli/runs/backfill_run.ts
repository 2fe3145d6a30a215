import { createBackfill } from "../../supabase/functions/_shared/runs/backfill.ts";
import { createReport, type Finding } from "../../supabase/functions/_shared/runs/finding.ts";
import { createRunner, type Ending } from "../../supabase/functions/_shared/runs/run.ts";
import { createSources } from "../../supabase/functions/_shared/runs/sources.ts";
import { advanceToEnd } from "./advance.ts";
import { dryRunStore } from "./dry_run_store.ts";
import type { Screen } from "./screen.ts";
import { stageOfWalk } from "./stage.ts";
import type { Target } from "./target.ts";

export interface BackfillRun {
  readonly target: Pick<Target, "supabase" | "clerk" | "instanceId">;
  /** Only compares. */
  readonly dryRun: boolean;
  readonly anew: boolean;
  /** Requests to Clerk in 10 s. Undefined: half of what Clerk allows. */
  readonly rate: number | undefined;
  readonly signal: AbortSignal;
  readonly screen: Screen;
  /** Told of each row that is left out. */
  readonly tell: (finding: Finding) => void;
}

/**
 * Writes everybody whom Clerk has, or goes on where an earlier run stopped.
 *
 * @returns how it ended, and how many requests to Clerk it took
 * @throws Error if it does not come to its end, which says how to go on
 */
export async function runBackfill(
  { target, dryRun, anew, rate, signal, screen, tell }: BackfillRun,
): Promise<{ ending: Ending; requests: number }> {
  const { pace, store, ...sources } = createSources({ ...target, signal, pace: rate });
  const ending = await advanceToEnd({
    job: createBackfill({ ...sources, dryRun, report: createReport(tell) }),
    advance: createRunner(dryRun ? dryRunStore : store),
    signal,
    anew,
    stage: stageOfWalk,
    screen,
  });
  return { ending, requests: pace.taken };
}
