import * as z from "zod/mini";
import { type Result, succeed } from "../failure.ts";
import type { Json } from "./database.types.ts";
import type { SupabaseClient } from "./supabase.ts";
import type { Ask } from "./sync_client.ts";

export const runKinds = ["backfill", "count", "recent", "full"] as const;
export type RunKind = typeof runKinds[number];

/** How a run ended: see the comment on `public.clerk_sync_runs.outcome`. */
export type RunOutcome = "complete" | "clean" | "drift" | "repaired" | "failed";

const claims = z.array(z.object({
  id: z.string(),
  held: z.boolean(),
  resumed: z.boolean(),
  state: z.unknown(),
  counts: z.unknown(),
  started_at: z.string(),
  since: z.nullable(z.string()),
})).check(z.length(1));
/** A run that was asked for: see the comment on `public.claim_clerk_sync_run()`. */
export type Claim = z.infer<typeof claims>[number];

const statuses = z.array(z.object({
  runs: z.partialRecord(
    z.enum(runKinds),
    z.object({ repairs: z.boolean(), ended_at: z.nullable(z.string()) }),
  ),
})).check(z.length(1));

export interface Claiming {
  readonly kind: RunKind;
  readonly repairs: boolean;
  /** Identifies this process. */
  readonly holder: string;
  /** Whether to begin anew where a run was left. */
  readonly anew: boolean;
}

/** Where a run stands. */
export interface RunRecord {
  readonly id: string;
  readonly holder: string;
  readonly state: Json;
  readonly counts: Json;
  readonly drift: number;
  readonly outcome?: RunOutcome;
  readonly reason?: string;
}

/** The table of runs. Every call fails at once if the database is down. */
export interface RunStore {
  claim(claiming: Claiming): Promise<Result<Claim>>;
  /** Returns false if the run is no longer this process'. */
  save(record: RunRecord): Promise<Result<boolean>>;
  /** The kinds of which a run that repairs is open. */
  findOpen(): Promise<Result<readonly RunKind[]>>;
  /** Lets the next process take the run over at once. */
  release(run: { readonly id: string; readonly holder: string }): Promise<Result<boolean>>;
}

export function createRunStore(client: SupabaseClient, ask: Ask): RunStore {
  return {
    async claim({ kind, repairs, holder, anew }) {
      const call = client.rpc("claim_clerk_sync_run", {
        p_kind: kind,
        p_repairs: repairs,
        p_holder: holder,
        p_anew: anew,
      });
      const claim = await ask(call, claims);
      if (!claim.ok) return claim;
      const [run] = claim.value;
      if (run === undefined) throw new Error("claim_clerk_sync_run() returned no row");
      return succeed(run);
    },
    save: ({ id, holder, state, counts, drift, outcome, reason }) =>
      ask(
        client.rpc("save_clerk_sync_run", {
          p_id: id,
          p_holder: holder,
          p_state: state,
          p_counts: counts,
          p_drift: drift,
          ...(outcome === undefined ? {} : { p_outcome: outcome }),
          ...(reason === undefined ? {} : { p_reason: reason }),
        }),
        z.boolean(),
      ),
    async findOpen() {
      const status = await ask(client.rpc("clerk_sync_status"), statuses);
      if (!status.ok) return status;
      const runs = status.value[0]?.runs ?? {};
      return succeed(runKinds.filter((kind) => runs[kind]?.repairs && !runs[kind]?.ended_at));
    },
    release: ({ id, holder }) =>
      ask(client.rpc("release_clerk_sync_run", { p_id: id, p_holder: holder }), z.boolean()),
  };
}
