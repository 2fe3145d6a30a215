import type { Json } from "../../supabase/functions/_shared/database/database.types.ts";
import { type Failure, meaningOf } from "../../supabase/functions/_shared/failure.ts";
import type { ResourceName } from "../../supabase/functions/_shared/listing/resource.ts";
import type {
  createRunner,
  Ending,
  Job,
  RunUnderWay,
} from "../../supabase/functions/_shared/runs/run.ts";
import { pause } from "../../supabase/functions/_shared/time_limit.ts";
import type { Screen, Stage } from "./screen.ts";

/** What the resources are called in the plural. */
export const plural: Readonly<Record<ResourceName, string>> = {
  user: "users",
  organization: "organizations",
  membership: "memberships",
};

/** Milliseconds: longer than a run is held after its process was killed. */
const longestHold = 20_000;

export interface AdvanceOptions<State extends Json> {
  readonly job: Job<State>;
  readonly advance: ReturnType<typeof createRunner>;
  readonly signal: AbortSignal;
  readonly anew: boolean;
  readonly stage: (run: RunUnderWay<State>) => Stage | undefined;
  readonly screen: Screen;
}

/**
 * Works on a run to its end. Waits for a process that was killed.
 *
 * @throws Error if it does not come to its end, which says how to go on
 */
export async function advanceToEnd<State extends Json>(
  options: AdvanceOptions<State>,
): Promise<Ending> {
  const { job, advance, signal, anew, stage, screen } = options;
  try {
    const deadline = Date.now() + longestHold;
    for (let told = false;;) {
      const advanced = await advance(job, {
        signal,
        anew,
        onClaim(run, resumed) {
          if (resumed) screen.note(`Goes on with the run of ${inUtc(run.startedAt)}`);
          screen.follow(() => stage(run));
        },
      });
      if (!advanced.ok) throw new Error(describeFailure(advanced.failure));
      const { value } = advanced;
      if (value.status === "ended") return value.ending;
      if (value.status === "open") {
        const why = value.failure ? `${describeFailure(value.failure)}. ` : "Interrupted. ";
        throw new Error(`${why}The same command goes on where this stopped`);
      }
      const since = `a run of ${inUtc(value.startedAt)}`;
      if (Date.now() > deadline) throw new Error(`Another process works on ${since}`);
      if (!told) screen.note(`Waits until the process that worked on ${since} lets go of it`);
      told = true;
      await pause(500, signal);
      if (signal.aborted) throw new Error("Interrupted before it began");
    }
  } finally {
    screen.stop();
  }
}

/** A failure in words: what it means, and the details for whoever can mend it. */
export function describeFailure(failure: Failure): string {
  const { message, hint } = meaningOf(failure);
  const reason = failure.reason === undefined ? "" : ` (${failure.reason})`;
  return `${message}${reason}${hint === undefined ? "" : `. ${hint}`}`;
}

function inUtc(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
