/** Reads from Clerk that a user may cause at once. */
const burst = 20;
/** Milliseconds after which one more is granted. */
const interval = 1_000;
/** Users remembered at most: those who read last. A forgotten user starts anew. */
const mostUsers = 10_000;

/**
 * Takes one of a user's reads.
 *
 * @returns 0, or the seconds until there is one again
 */
export type TakeRead = (userId: string) => number;

/**
 * Limits how often one user makes us read from Clerk: 20 times at once, then once a second. The
 * instance's own limit is for all users together, and for sign-in too.
 *
 * @param now milliseconds, from any clock
 */
export function createReadLimit(now: () => number = Date.now): TakeRead {
  /** When each user has all reads back. */
  const fullAt = new Map<string, number>();

  return (userId) => {
    const time = now();
    const full = Math.max(fullAt.get(userId) ?? time, time);
    const wait = full + interval - (time + burst * interval);
    if (wait > 0) return Math.ceil(wait / 1000);
    // Inserted again, so that the map's first user is the one who has not read for longest.
    fullAt.delete(userId);
    fullAt.set(userId, full + interval);
    const [oldest] = fullAt.keys();
    if (fullAt.size > mostUsers && oldest !== undefined) fullAt.delete(oldest);
    return 0;
  };
}
