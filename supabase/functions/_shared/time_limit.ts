/** Milliseconds that a call to Clerk or to the database may take. Svix waits 15 s for an answer. */
export const upstreamTimeLimit = 5_000;

/** Thrown if a call is not answered in time. */
export class TimeLimitExceeded extends Error {
  override readonly name = "TimeLimitExceeded";
}

/**
 * Waits for the promise, but throws TimeLimitExceeded after the given milliseconds. For calls that
 * take no abort signal.
 */
export async function withinTimeLimit<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitExceeded()), milliseconds);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds in which calls share a signal. */
const sharing = 100;

let shared: { readonly signal: AbortSignal; readonly since: number } | undefined;

/**
 * Ends a call to the database at the time limit, or up to 100 ms before. Calls that begin
 * at about the same time share one signal, because one for each, with its timer, costs a tenth of a
 * delivery.
 */
export function upstreamTimeSignal(): AbortSignal {
  // Cheaper than performance.now(), but may be set back.
  const now = Date.now();
  if (!shared || Math.abs(now - shared.since) >= sharing) {
    shared = { signal: AbortSignal.timeout(upstreamTimeLimit), since: now };
  }
  return shared.signal;
}

/** Waits, but no longer than until the signal. Never throws. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted || milliseconds <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, milliseconds);
  signal?.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", end);
}
