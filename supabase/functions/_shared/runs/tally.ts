import * as z from "zod/mini";
import { type ResourceName, resourceNames } from "../listing/resource.ts";

/** What a run counts, for each resource. */
export const countNames = [
  /** Clerk has shown it. */
  "listed",
  /** Rows that were written, or not, because they showed the state. */
  "created",
  "updated",
  "unchanged",
  /** Not as Clerk describes it. */
  "refused",
  /** The database does not take the row. */
  "rejected",
  "missing",
  "stale",
  "wrongly_active",
  "wrongly_deleted",
  "extra",
  /** Rows that Clerk did not list, and may have. */
  "unproven",
  /** Differences that were mended, and those that were not. */
  "repaired",
  "left",
] as const;
export type CountName = typeof countNames[number];

export type Tally = Partial<Record<CountName, number>>;
export type Counts = Record<ResourceName, Tally>;

const tally = z.partialRecord(z.enum(countNames), z.int());
export const counts = z.record(z.enum(resourceNames), tally);

export function noCounts(): Counts {
  return { user: {}, organization: {}, membership: {} };
}

/** Adds to a tally. */
export function addTally(to: Tally, tally: Tally): void {
  for (const name of countNames) {
    const more = tally[name];
    if (more) to[name] = (to[name] ?? 0) + more;
  }
}

/** A count over all resources. */
export function sumOf(counts: Counts, name: CountName): number {
  return resourceNames.reduce((sum, resource) => sum + (counts[resource][name] ?? 0), 0);
}

/** Adds one to each. */
export function count(tally: Tally, ...names: (keyof Tally)[]): void {
  for (const name of names) tally[name] = (tally[name] ?? 0) + 1;
}
