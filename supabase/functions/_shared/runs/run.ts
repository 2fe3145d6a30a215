import type * as z from "zod/mini";
import type { Json } from "../database/database.types.ts";
import type { Claiming, RunKind, RunOutcome, RunStore } from "../database/run_store.ts";
import { type Failure, type Result, succeed } from "../failure.ts";
import type { Walked } from "../listing/walked.ts";
import { pause } from "../time_limit.ts";
import {
  addTally,
  type Counts,
  counts as countsSchema,
  noCounts,
  sumOf,
  type Tally,
} from "./tally.ts";
import type { ResourceName } from "../listing/resource.ts";

/** A run while it is worked on. */
export interface RunUnderWay<State extends Json> {
  /** Moved on as the work goes. Saved about once a second. */
  readonly state: State;
  readonly counts: Counts;
  /** When the last run began that has mended what can be mended. RFC 3339, null if there was none. */
  readonly since: string | null;
  readonly startedAt: string;
  add(resource: ResourceName, tally: Tally): void;
  /** Says why there is something left that the run could have mended. */
  note(reason: string): void;
  /** Ends with the work: an interruption, a deadline, or another process has taken over. */
  readonly signal: AbortSignal;
}

/** A kind of work that may be interrupted at any moment, and goes on later. */
export interface Job<State extends Json> {
  readonly kind: RunKind;
  readonly repairs: boolean;
  readonly state: z.ZodMiniType<State>;
  begin(): State;
  work(run: RunUnderWay<State>): Promise<Result<Walked>>;
  outcome(counts: Counts): RunOutcome;
}

/** How far a run came. */
export type Advanced =
  /** Another process works on it. */
  | { readonly status: "held"; readonly startedAt: string }
  /** It goes on later, because of the signal or of a failure. */
  | { readonly status: "open"; readonly counts: Counts; readonly failure?: Failure }
  | { readonly status: "ended"; readonly ending: Ending };

export interface Ending {
  readonly outcome: RunOutcome;
  readonly counts: Counts;
  readonly drift: number;
  readonly reason?: string;
}

export interface Advance<State extends Json> {
  readonly signal: AbortSignal;
  /** Begin anew where an earlier run was left. */
  readonly anew?: boolean;
  /** Called once the run is this process'. */
  readonly onClaim?: (run: RunUnderWay<State>, resumed: boolean) => void;
}

/** Milliseconds between two looks at whether there is something to save. */
const saveEvery = 1_000;
/** Milliseconds after which a run is saved in any case, so that nobody else takes it over. */
const longestSilence = 4_000;

/** Advances runs until they end or the signal comes, and saves where they stand. */
export function createRunner(store: RunStore, holder: string = crypto.randomUUID()) {
  return async <State extends Json>(
    job: Job<State>,
    advance: Advance<State>,
  ): Promise<Result<Advanced>> => {
    const claiming: Claiming = {
      kind: job.kind,
      repairs: job.repairs,
      holder,
      anew: advance.anew ?? false,
    };
    const claimed = await store.claim(claiming);
    if (!claimed.ok) return claimed;
    const { id, held, resumed, started_at: startedAt, since } = claimed.value;
    if (!held) return succeed({ status: "held", startedAt });

    const saved = job.state.safeParse(claimed.value.state);
    const state = saved.success ? saved.data : job.begin();
    const counts = {
      ...noCounts(),
      ...(saved.success ? countsSchema.safeParse(claimed.value.counts).data : {}),
    };
    const lost = new AbortController();
    const signal = AbortSignal.any([advance.signal, lost.signal]);
    let dirty = true;
    let reason: string | undefined;
    const run: RunUnderWay<State> = {
      state,
      counts,
      since,
      startedAt,
      signal,
      add(resource, tally) {
        addTally(counts[resource], tally);
        dirty = true;
      },
      note: (text) => reason = text,
    };
    advance.onClaim?.(run, resumed && saved.success);

    const record = () => ({ id, holder, state, counts, drift: sumOf(counts, "left") });
    const over = new AbortController();
    async function keepSaved(): Promise<void> {
      let silence = 0;
      while (!over.signal.aborted) {
        await pause(saveEvery, over.signal);
        silence += saveEvery;
        if (over.signal.aborted || (!dirty && silence < longestSilence)) continue;
        dirty = false;
        const kept = await store.save(record());
        // An outage is waited out where it hurts. The next save has everything.
        if (!kept.ok) dirty = true;
        else if (!kept.value) lost.abort();
        else silence = 0;
      }
    }
    const saving = keepSaved();
    const worked = await job.work(run).finally(() => over.abort());
    await saving;

    if (lost.signal.aborted) return succeed({ status: "held", startedAt });
    if (!worked.ok || (!worked.value.ended && worked.value.incomplete === undefined)) {
      const kept = await store.save(record());
      if (kept.ok) await store.release({ id, holder });
      // What failed after the signal failed because of it.
      const failure = worked.ok || advance.signal.aborted ? {} : { failure: worked.failure };
      return succeed({ status: "open", counts, ...failure });
    }
    const failed = worked.value.ended ? undefined : worked.value.incomplete;
    const ending = {
      outcome: failed === undefined ? job.outcome(counts) : "failed" as const,
      counts,
      drift: sumOf(counts, "left"),
      ...(failed ?? reason) === undefined ? {} : { reason: failed ?? reason },
    };
    const kept = await store.save({ ...record(), ...ending });
    if (!kept.ok) return kept;
    return succeed(kept.value ? { status: "ended", ending } : { status: "held", startedAt });
  };
}
