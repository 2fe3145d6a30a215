/**
 * Waits like `Promise.all()`, but also for the others if one fails. So nothing of them goes on while the
 * caller tidies up: the driver would open a closed connection again for a query that still waits.
 *
 * @throws what the first in the list that fails throws
 */
export async function whenAllEnd<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
