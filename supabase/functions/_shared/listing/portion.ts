import type { StateFact } from "../facts/fact.ts";
import type { Result } from "../failure.ts";
import type { Entry, Refused } from "./page.ts";
import type { Range } from "./user_counts.ts";

/** A part of a list, for whoever walks through it. */
export interface Portion {
  readonly facts: readonly StateFact[];
  readonly refused: readonly Refused[];
  /** Everybody whom Clerk shows in `covered`, and perhaps others. */
  readonly listed: readonly string[];
  /** The times of creation for which this portion is complete. */
  readonly covered: Range;
  /** Those who were not in an earlier portion: `facts` and `refused` are about them. */
  readonly fresh: ReadonlySet<string>;
}

/** Takes a portion. The walk's position is moved on only after `commit` of its result. */
export type Take<Taken> = (portion: Portion) => Promise<Result<Taken>>;

/**
 * Follows a list in the order of creation: tells who is new, and which times are complete.
 *
 * A page ends within a millisecond of which the next page may show more. That millisecond is
 * complete only with the first page that shows a later one.
 */
export interface Follower {
  /** The time up to which everybody was seen, perhaps without some of that millisecond. */
  readonly last: number;
  /** How many were seen of that millisecond. */
  readonly ties: number;
  /** Whether a page joins what was seen, so that nobody is between. */
  joins(entries: readonly Entry[]): boolean;
  /** Tells who is new, and moves on. Undefined if the page is not in order. */
  follow(
    entries: readonly Entry[],
  ): { fresh: ReadonlySet<string>; listed: string[]; covered: Range } | undefined;
  /** What is complete when the list has ended at `to`. */
  close(to: number): { listed: string[]; covered: Range };
}

export function createFollower(start: number): Follower {
  let last = start;
  /** Who was created in the millisecond `last`. */
  let ties = new Set<string>();

  return {
    get last() {
      return last;
    },
    get ties() {
      return ties.size;
    },
    joins([first]) {
      return first === undefined || first.createdAt < last || ties.has(first.id);
    },
    follow(page) {
      const entries = withTimes(page, last);
      const times = entries.map(({ createdAt }) => createdAt);
      if (times.some((at, index) => at < (times[index - 1] ?? 0))) return undefined;
      const newest = Math.max(last, times.at(-1) ?? 0);
      const isNew = ({ id, createdAt }: Entry) =>
        createdAt > last || (createdAt === last && !ties.has(id));
      const fresh = new Set(entries.filter(isNew).map(({ id }) => id));
      const covered = { from: last, to: newest };
      const listed = [...(newest > last ? ties : []), ...entries.map(({ id }) => id)];
      if (newest > last) ties = new Set();
      for (const { id, createdAt } of entries) if (createdAt === newest) ties.add(id);
      last = newest;
      return { fresh, listed, covered };
    },
    close: (to) => ({ listed: [...ties], covered: { from: last, to } }),
  };
}

/** Gives an object without a time of creation the place where it stands. */
function withTimes(entries: readonly Entry[], start: number): Entry[] {
  let at = start;
  return entries.map(({ id, createdAt }) => ({ id, createdAt: at = createdAt || at }));
}

/** What is new of a page. */
export function onlyNew(
  { facts, refused }: Pick<Portion, "facts" | "refused">,
  fresh: ReadonlySet<string>,
): Pick<Portion, "facts" | "refused"> {
  return {
    facts: facts.filter(({ clerk_id: id }) => fresh.has(id)),
    refused: refused.filter(({ id }) => fresh.has(id)),
  };
}
