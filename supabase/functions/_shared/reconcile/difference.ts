import type { Compared, SyncDatabase } from "../database/sync_client.ts";
import type { StateFact } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import type { ResourceName } from "../listing/resource.ts";
import { pause } from "../time_limit.ts";
import type { ReadAgain } from "./read_again.ts";

/** What Clerk says, and how the row differs from it. */
export interface Difference {
  readonly fact: StateFact;
  readonly compared: Compared;
}

export interface DifferencesDependencies {
  readonly database: Pick<SyncDatabase, "compare">;
  readonly readAgain: ReadAgain;
  readonly repairs: boolean;
  /** Milliseconds that a webhook may be under way. */
  readonly settling: number;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/** Compares states with their rows. Returns the differences that are no mere race. */
export type FindDifferences = (
  resource: ResourceName,
  facts: readonly StateFact[],
) => Promise<Result<readonly Difference[]>>;

/** Compares states with their rows, once. */
export async function compareWithRows(
  database: Pick<SyncDatabase, "compare">,
  facts: readonly StateFact[],
): Promise<Result<Difference[]>> {
  if (facts.length === 0) return succeed([]);
  const compared = await database.compare(facts);
  if (!compared.ok) return compared;
  return succeed(compared.value.flatMap((compared) => {
    const fact = facts[compared.item - 1];
    return fact ? [{ fact, compared }] : [];
  }));
}

/** How often a difference that may be a race is looked at again. */
const mostLooks = 3;

export function createFindDifferences(dependencies: DifferencesDependencies): FindDifferences {
  const { database, readAgain, repairs, settling, signal, now = Date.now } = dependencies;

  const changedAt = ({ fact }: Difference) => Date.parse(fact.clerk_updated_at);

  /** A state that changed just now: its webhook may be under way. A repair does not mind. */
  const isFresh = (difference: Difference) => !repairs && changedAt(difference) > now() - settling;

  /** The row may know something newer than the page that Clerk showed. */
  const mayKnowMore = (difference: Difference) =>
    difference.compared.difference === "wrongly_deleted" || !isBehind(difference);

  return async (resource, facts) => {
    const first = await compareWithRows(database, facts);
    if (!first.ok) return first;
    const isDoubtful = (difference: Difference) => isFresh(difference) || mayKnowMore(difference);
    const certain = first.value.filter((difference) => !isDoubtful(difference));
    let doubtful = first.value.filter(isDoubtful);
    for (let look = 0; look < mostLooks && doubtful.length > 0; look++) {
      const fresh = doubtful.filter(isFresh).map(changedAt);
      if (look > 0 && fresh.length === 0) break;
      if (fresh.length > 0) await pause(Math.max(...fresh) + settling - now(), signal);
      const again = await readAgain(resource, doubtful.map(({ fact }) => fact));
      if (!again.ok) return again;
      const compared = await compareWithRows(database, again.value);
      if (!compared.ok) return compared;
      doubtful = compared.value;
    }
    return succeed([...certain, ...doubtful]);
  };
}

/** Whether the row's time is before the state's: then the write path takes the state. */
export function isBehind({ fact, compared: { ahead, seen } }: Difference): boolean {
  return !ahead && (seen === null || Date.parse(seen) < Date.parse(fact.clerk_updated_at));
}
