import type { FailureCode, Result } from "./failure.ts";
import { pause } from "./time_limit.ts";

export interface PatienceOptions {
  /** Milliseconds without any success after which the failure stands. */
  readonly limit: number;
  /** Ends the waiting: the last failure stands. */
  readonly signal: AbortSignal;
  /** Milliseconds before the first repetition. It doubles up to `longestPause`. */
  readonly firstPause?: number;
  readonly longestPause?: number;
  readonly now?: () => number;
}

/** Repeats an attempt that failed because a service was down. Returns its last result. */
export type Patiently = <T>(attempt: () => Promise<Result<T>>) => Promise<Result<T>>;

const passing: readonly FailureCode[] = [
  "clerk_rate_limited",
  "clerk_unavailable",
  "database_unavailable",
];

export function createPatience(options: PatienceOptions): Patiently {
  const { limit, signal, firstPause = 250, longestPause = 15_000, now = Date.now } = options;
  return async (attempt) => {
    const begun = now();
    for (let wait = firstPause;; wait = Math.min(2 * wait, longestPause)) {
      const result = await attempt();
      if (result.ok || signal.aborted || !mayPass(result)) return result;
      if (now() - begun + wait > limit) return result;
      // Many wait for the same service: they must not come back all at once.
      await pause(wait * (0.75 + Math.random() / 2), signal);
      if (signal.aborted) return result;
    }
  };
}

/** A service that is down comes back. Missing migrations do not, and their failure has a message. */
function mayPass(result: Extract<Result<unknown>, { readonly ok: false }>): boolean {
  const { code, message } = result.failure;
  return passing.includes(code) && !(code === "database_unavailable" && message !== undefined);
}
