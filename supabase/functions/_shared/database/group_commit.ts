import { fail, type Failure, type Result } from "../failure.ts";

export interface GroupCommitOptions<Item, Outcome> {
  /** Commits a batch in one round trip. Returns one outcome per item, in order. */
  commit(items: readonly Item[]): Promise<Result<readonly Outcome[]>>;
  /** Items that go together at most. */
  readonly largestBatch?: number;
  /** Items that wait at most. Beyond them, callers are asked to come again. */
  readonly longestQueue?: number;
}

/**
 * Commits one item. If its caller has gone by the time its turn comes, nothing is committed.
 *
 * @returns its outcome; commit()'s failure; `database_unavailable` if too many are waiting
 */
export type CommitOne<Item, Outcome> = (
  item: Item,
  caller?: AbortSignal,
) => Promise<Result<Outcome>>;

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly caller: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<Result<Outcome>>;
}

/**
 * Commits items together that come at the same time. The first goes at once; those that come while
 * it is under way are the next batch. So nothing waits while there is nothing to do, and a burst
 * needs few round trips.
 */
export function createGroupCommit<Item, Outcome>(
  { commit, largestBatch = 100, longestQueue = 1_000 }: GroupCommitOptions<Item, Outcome>,
): CommitOne<Item, Outcome> {
  const queue: Waiting<Item, Outcome>[] = [];
  let underWay = false;

  async function settle(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const committed = await commit(batch.map(({ item }) => item));
      // One item must not fail its neighbours.
      if (!committed.ok && batch.length > 1 && isAboutOne(committed.failure)) {
        await Promise.all(batch.map((one) => settle([one])));
        return;
      }
      batch.forEach(({ outcome }, index) => outcome.resolve(outcomeAt(committed, index)));
    } catch (error) {
      for (const { outcome } of batch) outcome.reject(error);
    }
  }

  async function work(): Promise<void> {
    underWay = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, largestBatch).filter(({ caller, outcome }) => {
        if (caller?.aborted) {
          outcome.resolve(fail("invalid_request", { message: "Caller has gone" }));
        }
        return !caller?.aborted;
      });
      if (batch.length > 0) await settle(batch);
    }
    underWay = false;
  }

  return (item, caller) => {
    if (queue.length >= longestQueue) {
      const reason = "too many are waiting to be written";
      return Promise.resolve(fail("database_unavailable", { reason, retryAfter: 1 }));
    }
    const outcome = Promise.withResolvers<Result<Outcome>>();
    queue.push({ item, caller, outcome });
    if (!underWay) void work();
    return outcome.promise;
  };
}

function outcomeAt<Outcome>(
  committed: Result<readonly Outcome[]>,
  index: number,
): Result<Outcome> {
  if (!committed.ok) return committed;
  const value = committed.value[index];
  return value === undefined
    ? fail("internal_error", { reason: "no outcome" })
    : { ok: true, value };
}

/** Whether the others of a batch may succeed: the database is up, and something refused this batch. */
function isAboutOne({ code, reason = "" }: Failure): boolean {
  // A row that somebody holds locked for long: the wait for it has ended.
  return code === "database_refused" || / 55P03\b/.test(reason);
}
