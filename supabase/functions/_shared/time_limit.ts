/** Milliseconds that a call to Clerk or to the database may take: three stay below Svix' 15 s. */
export const upstreamTimeLimit = 5_000;

/** Thrown where a call was not answered in time. */
export class TimeLimitExceeded extends Error {
  override readonly name = "TimeLimitExceeded";
}

/**
 * The promise's outcome, or TimeLimitExceeded after the given milliseconds: for calls that take no abort
 * signal.
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
