import { fail, type Failure, type Result } from "../failure.ts";
import { cutOffReason } from "./failure.ts";

/** Milliseconds that the next group waits for the one under way before it goes beside it. */
const longestWait = 250;

export interface GroupedCallOptions<Item, Outcome> {
  /** Calls the database for a group in one round trip. Returns one outcome per item, in order. */
  call(items: readonly Item[]): Promise<Result<readonly Outcome[]>>;
  /** Items that go together at most. */
  readonly largestGroup?: number;
  /** Items that wait at most. Beyond them, callers are asked to come again. */
  readonly longestQueue?: number;
}

/** Who calls: a Request. It makes its signal, which is not cheap, when it is asked for it. */
export interface Caller {
  readonly signal: AbortSignal;
}

/**
 * Calls the database for one item. If it has to wait and its caller has gone by the time its turn
 * comes, it is left out.
 *
 * @returns its outcome; call()'s failure; `database_unavailable` if too many are waiting
 */
export type CallForOne<Item, Outcome> = (
  item: Item,
  caller?: Caller,
) => Promise<Result<Outcome>>;

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly caller: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<Result<Outcome>>;
}

/**
 * Groups items that come at the same time. The first goes at once; those that come while it is under
 * way are the next group. So nothing waits while there is nothing to do, and a burst needs few round
 * trips. A group that is held up, as by a row that somebody has locked, does not hold up the others.
 */
export function createGroupedCall<Item, Outcome>(
  { call, largestGroup = 100, longestQueue = 1_000 }: GroupedCallOptions<Item, Outcome>,
): CallForOne<Item, Outcome> {
  const queue: Waiting<Item, Outcome>[] = [];
  /** The group that the queue waits for. */
  let ahead: readonly Waiting<Item, Outcome>[] | undefined;
  let patience: ReturnType<typeof setTimeout> | undefined;

  async function settle(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const called = await call(group.map(({ item }) => item));
      // One item must not fail its neighbours.
      if (!called.ok && group.length > 1 && isAboutOne(called.failure)) {
        await Promise.all(group.map((one) => settle([one])));
        return;
      }
      group.forEach(({ outcome }, index) => outcome.resolve(outcomeAt(called, index)));
    } catch (error) {
      for (const { outcome } of group) outcome.reject(error);
    }
  }

  async function send(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    ahead = group;
    await settle(group);
    if (ahead === group) sendNext();
  }

  function sendNext(): void {
    clearTimeout(patience);
    patience = ahead = undefined;
    while (queue.length > 0 && !ahead) {
      const group = queue.splice(0, largestGroup).filter(({ caller, outcome }) => {
        if (caller?.aborted) {
          outcome.resolve(fail("invalid_request", { message: "Caller has gone" }));
        }
        return !caller?.aborted;
      });
      if (group.length > 0) void send(group);
    }
    if (queue.length > 0) wait();
  }

  /** Only once something waits: most events come alone, and a timer would cost them a twentieth. */
  function wait(): void {
    patience ??= setTimeout(sendNext, longestWait);
  }

  return (item, caller) => {
    if (queue.length >= longestQueue) {
      const reason = "too many are waiting for the database";
      return Promise.resolve(fail("database_unavailable", { reason, retryAfter: 1 }));
    }
    const outcome = Promise.withResolvers<Result<Outcome>>();
    if (ahead) {
      queue.push({ item, caller: caller?.signal, outcome });
      wait();
    } else {
      void send([{ item, caller: undefined, outcome }]);
    }
    return outcome.promise;
  };
}

function outcomeAt<Outcome>(called: Result<readonly Outcome[]>, index: number): Result<Outcome> {
  if (!called.ok) return called;
  const value = called.value[index];
  return value === undefined
    ? fail("internal_error", { reason: "no outcome" })
    : { ok: true, value };
}

/**
 * Whether the others of a group may succeed: the database is up, and something refused this group, or
 * its answer was too long.
 */
function isAboutOne({ code, reason = "" }: Failure): boolean {
  // 55P03: a row that somebody holds locked for long. 42P01, 42883: a table or function that only some need.
  return code === "database_refused" || reason.endsWith(cutOffReason) ||
    / (55P03|42P01|42883)\b/.test(reason);
}
