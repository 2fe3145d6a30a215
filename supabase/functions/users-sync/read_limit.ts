/** Reads of Clerk that a user may cause at once. */
const burst = 20;
/** Milliseconds after which one more is granted. */
const interval = 1_000;
/** Users who are remembered, the last to read first. Whoever is forgotten begins anew. */
const mostUsers = 10_000;

/**
 * Takes one of the reads that a user has.
 *
 * @returns 0, or the seconds after which there is one again
 */
export type TakeRead = (userId: string) => number;

/**
 * Limits how often one user has Clerk asked: 20 times at once, then once a second. The instance's own limit
 * is shared with everybody, and with sign-in.
 *
 * @param now milliseconds, of any clock
 */
export function createReadLimit(now: () => number = Date.now): TakeRead {
  /** When each user's reads are all back again. */
  const fullAt = new Map<string, number>();

  return (userId) => {
    const time = now();
    const full = Math.max(fullAt.get(userId) ?? time, time);
    const wait = full + interval - (time + burst * interval);
    if (wait > 0) return Math.ceil(wait / 1000);
    // Put in anew, so that the first of the map is the one who has not read for longest.
    fullAt.delete(userId);
    fullAt.set(userId, full + interval);
    const [oldest] = fullAt.keys();
    if (fullAt.size > mostUsers && oldest !== undefined) fullAt.delete(oldest);
    return 0;
  };
}
