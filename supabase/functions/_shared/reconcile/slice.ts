import type { Json } from "../database/database.types.ts";
import type { RunKind, RunOutcome } from "../database/run_store.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import { createReport } from "../runs/finding.ts";
import { createRunner, type Job } from "../runs/run.ts";
import { createSources } from "../runs/sources.ts";
import { type Counts, noCounts } from "../runs/tally.ts";
import type { ClerkApiSettings } from "../settings/clerk_api.ts";
import type { SupabaseSettings } from "../settings/supabase.ts";
import { createCount } from "./count.ts";
import { createFull } from "./full.ts";
import { createRecent } from "./recent.ts";

/** Kinds of reconciliation; `continue` goes on with one that is open. */
export const sliceKinds = ["recent", "count", "full", "continue"] as const;
export type SliceKind = typeof sliceKinds[number];
type JobKind = Exclude<SliceKind, "continue">;

/** How far a reconciliation came. */
export interface Slice {
  /** Null if there was nothing to continue. */
  readonly kind: RunKind | null;
  /** Null while it is open. */
  readonly outcome: RunOutcome | null;
  readonly counts: Counts;
  readonly done: boolean;
}

export interface SliceOptions {
  readonly clerk: ClerkApiSettings;
  /** The instance that it must be; undefined: not checked. */
  readonly instanceId?: string | undefined;
  readonly supabase: SupabaseSettings;
  /** Milliseconds that a slice may take. Default: 15 s, of the 20 that are allowed. */
  readonly time?: number;
  /** Pages that a slice may read: each costs about 10 ms of CPU, and 25 if all its rows are mended. */
  readonly pages?: number;
}

const usualTime = 15_000;
const usualPages = 30;
/** Milliseconds: an outage ends the slice. The next one goes on. */
const patience = 4_000;
const lanes = 3;

/** Advances a reconciliation that repairs, for as long as an Edge Function may work. */
export async function advanceSlice(
  kind: SliceKind,
  { clerk, instanceId, supabase, time = usualTime, pages = usualPages }: SliceOptions,
): Promise<Result<Slice>> {
  const spent = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(time), spent.signal]);
  const sources = createSources({ clerk, instanceId, supabase, signal, patience });
  let read = 0;
  const readPage: ReadPage = (...asked) => {
    if (++read >= pages) spent.abort();
    return sources.readPage(...asked);
  };
  const dependencies = {
    ...sources,
    readPage,
    lanes,
    repairs: true,
    report: createReport(() => {}),
  };
  const advance = createRunner(sources.store);

  async function toLimit<State extends Json>(job: Job<State>): Promise<Result<Slice>> {
    const advanced = await advance(job, { signal });
    if (!advanced.ok) return advanced;
    const { value } = advanced;
    if (value.status === "ended") {
      const { outcome, counts } = value.ending;
      return succeed({ kind: job.kind, outcome, counts, done: true });
    }
    if (value.status === "open" && value.failure !== undefined) {
      return { ok: false, failure: value.failure };
    }
    const counts = value.status === "open" ? value.counts : noCounts();
    return succeed({ kind: job.kind, outcome: null, counts, done: false });
  }

  function start(kind: JobKind): Promise<Result<Slice>> {
    switch (kind) {
      case "recent":
        return toLimit(createRecent(dependencies));
      case "count":
        return toLimit(createCount(dependencies));
      case "full":
        return toLimit(createFull(dependencies));
    }
  }

  if (kind !== "continue") return await start(kind);
  const open = await sources.store.findOpen();
  if (!open.ok) return open;
  const next = (["recent", "count", "full"] as const).find((name) => open.value.includes(name));
  return next === undefined
    ? succeed({ kind: null, outcome: null, counts: noCounts(), done: true })
    : await start(next);
}

/** For a kind that is none. */
export function unknownKind(): Result<never> {
  return fail("invalid_request", { message: `kind must be one of ${sliceKinds.join(", ")}` });
}
