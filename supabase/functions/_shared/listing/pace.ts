import { pause } from "../time_limit.ts";

/** Keeps all requests to Clerk together within a rate. */
export interface Pace {
  /** Waits for a turn. */
  take(signal: AbortSignal): Promise<void>;
  /** Nobody gets a turn for this many seconds: Clerk's Retry-After. */
  hold(seconds: number): void;
  /** How many turns there were. */
  readonly taken: number;
}

export interface PaceOptions {
  /** Turns within 10 s. */
  readonly requests: number;
  readonly now?: () => number;
  readonly sleep?: typeof pause;
}

/** Milliseconds over which Clerk counts. */
const period = 10_000;

export function createPace({ requests, now = Date.now, sleep = pause }: PaceOptions): Pace {
  /** When the last turns were, a ring. */
  const turns: number[] = [];
  let taken = 0;
  let heldUntil = -Infinity;
  return {
    async take(signal) {
      while (!signal.aborted) {
        const oldest = turns[taken % requests] ?? -Infinity;
        const wait = Math.max(oldest + period, heldUntil) - now();
        if (!(wait > 0)) break;
        await sleep(wait, signal);
      }
      turns[taken % requests] = now();
      taken++;
    },
    hold: (seconds) => heldUntil = Math.max(heldUntil, now() + 1000 * seconds),
    get taken() {
      return taken;
    },
  };
}

/** Requests in 10 s: half of what Clerk allows, so that the application has the other half. */
export function usualPace(secretKey: string): number {
  return secretKey.startsWith("sk_live_") ? 500 : 50;
}
