import type { Json } from "../../supabase/functions/_shared/database/database.types.ts";
import type { SyncDatabase } from "../../supabase/functions/_shared/database/sync_client.ts";
import { createCount } from "../../supabase/functions/_shared/reconcile/count.ts";
import { createFull } from "../../supabase/functions/_shared/reconcile/full.ts";
import { createRecent } from "../../supabase/functions/_shared/reconcile/recent.ts";
import { createBackfill } from "../../supabase/functions/_shared/runs/backfill.ts";
import { createReport, type Finding } from "../../supabase/functions/_shared/runs/finding.ts";
import { createRunner, type Ending, type Job } from "../../supabase/functions/_shared/runs/run.ts";
import { createSources } from "../../supabase/functions/_shared/runs/sources.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** What a run of the engine has brought. */
export interface Ran {
  readonly ending: Ending;
  readonly findings: readonly Finding[];
  readonly requests: number;
}

export interface EngineOptions {
  readonly repairs?: boolean;
  readonly allowedDeactivations?: number;
  readonly settling?: number;
  /** Milliseconds that an outage is waited out. */
  readonly patience?: number;
  /** Called when rows were written, before they are looked at again. */
  afterRepair?(): Promise<void>;
}

type Kind = "backfill" | "full" | "count" | "recent";

/** Runs the engine in this process to its end, without waiting long. */
export async function run(kind: Kind, options: EngineOptions = {}): Promise<Ran> {
  const { API_URL, SERVICE_ROLE_KEY, CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  const { repairs = false, settling = 0, patience = 5_000, allowedDeactivations } = options;
  const { afterRepair = () => Promise.resolve() } = options;
  const signal = AbortSignal.timeout(120_000);
  const { pace, store, ...sources } = createSources({
    clerk: { apiUrl: CLERK_API_URL, secretKey: CLERK_SECRET_KEY },
    supabase: { url: API_URL, key: SERVICE_ROLE_KEY },
    signal,
    pace: 100_000,
    patience,
  });
  const findings: Finding[] = [];
  const report = createReport((finding) => findings.push(finding));
  const database: SyncDatabase = {
    ...sources.database,
    async repair(facts) {
      const written = await sources.database.repair(facts);
      await afterRepair();
      return written;
    },
  };
  const dependencies = { ...sources, database, report, repairs, settling, allowedDeactivations };

  async function toEnd<State extends Json>(job: Job<State>): Promise<Ran> {
    const advanced = await createRunner(store)(job, { signal });
    if (!advanced.ok) throw new Error(JSON.stringify(advanced.failure));
    if (advanced.value.status !== "ended") throw new Error(JSON.stringify(advanced.value));
    return { ending: advanced.value.ending, findings, requests: pace.taken };
  }

  switch (kind) {
    case "backfill":
      return await toEnd(createBackfill(dependencies));
    case "full":
      return await toEnd(createFull(dependencies));
    case "count":
      return await toEnd(createCount(dependencies));
    case "recent":
      return await toEnd(createRecent(dependencies));
  }
}

/** The findings as lines, sorted. */
export function linesOf({ findings }: Pick<Ran, "findings">): string[] {
  return findings.map(({ difference, id, columns = [] }) => [difference, id, ...columns].join(" "))
    .sort();
}
