import * as z from "zod/mini";
import type { ClerkApi } from "../clerk/api.ts";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { type Result, succeed } from "../failure.ts";
import { resources } from "./resource.ts";
import type { ReadPage } from "./page.ts";

/** A range of times of creation: from, until before to. Milliseconds since the epoch. */
export interface Range {
  /** 0: no limit. */
  readonly from: number;
  /** `endless`: no limit. */
  readonly to: number;
}

/** Later than any time. Fits a column of PostgreSQL as a JSON number and JavaScript's dates. */
export const endless = 8_640_000_000_000_000;

/**
 * The filter for a range. Clerk does not document whether `created_at_after` and `_before` include
 * their bounds. These values show the whole range either way: if they do, a millisecond more at each
 * end.
 */
export function wideFilter({ from, to }: Range): [string, string][] {
  return [
    ...(from > 0 ? [["created_at_after", String(from - 1)] satisfies [string, string]] : []),
    ...(to < endless ? [["created_at_before", String(to)] satisfies [string, string]] : []),
  ];
}

/** How the instance understands the bounds of its filters. */
export interface Bounds {
  readonly afterIncludes: boolean;
  readonly beforeIncludes: boolean;
}

/** The filter for exactly a range. */
export function exactFilter({ from, to }: Range, bounds: Bounds): [string, string][] {
  const wide = wideFilter({
    from: from > 0 && bounds.afterIncludes ? from + 1 : from,
    to: to < endless && bounds.beforeIncludes ? to - 1 : to,
  });
  return wide;
}

const totalCount = z.object({ total_count: z.int().check(z.minimum(0)) });

export interface UserCounts {
  count(filter: readonly (readonly [string, string])[]): Promise<Result<number>>;
  /** When the first user, or the last, was created; undefined if there is none. */
  edge(order: "+created_at" | "-created_at"): Promise<Result<number | undefined>>;
  /** Finds out how the instance understands the bounds, from its oldest user. */
  calibrate(): Promise<Result<Bounds>>;
}

export function createUserCounts(api: ClerkApi, readPage: ReadPage): UserCounts {
  const count: UserCounts["count"] = async (filter) => {
    const read = await api.read(
      "users/count",
      new URLSearchParams(filter.map(([...pair]) => pair)),
    );
    if (!read.ok) return read;
    const parsed = totalCount.safeParse(read.value);
    return parsed.success
      ? succeed(parsed.data.total_count)
      : unusableAnswer("users", "not a count");
  };

  const edge: UserCounts["edge"] = async (order) => {
    const query = new URLSearchParams({ order_by: order, limit: "1" });
    const page = await readPage(resources.user, query);
    if (!page.ok) return page;
    return page.value
      ? succeed(page.value.entries[0]?.createdAt)
      : unusableAnswer("users", "refused the order");
  };

  return {
    count,
    edge,
    async calibrate() {
      for (let attempt = 0; attempt < 3; attempt++) {
        const oldest = await edge("+created_at");
        if (!oldest.ok) return oldest;
        const at = oldest.value;
        if (at === undefined) return succeed({ afterIncludes: false, beforeIncludes: false });
        const before = await count([["created_at_before", String(at)]]);
        if (!before.ok) return before;
        const beforeIncludes = before.value > 0;
        const within = await count([
          ["created_at_after", String(at)],
          ["created_at_before", String(beforeIncludes ? at : at + 1)],
        ]);
        if (!within.ok) return within;
        const still = await edge("+created_at");
        if (!still.ok) return still;
        if (still.value === at) return succeed({ afterIncludes: within.value > 0, beforeIncludes });
      }
      return unusableAnswer("users", "the oldest user changes");
    },
  };
}
