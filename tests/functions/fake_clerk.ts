import type { ClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { clerkUnavailable } from "../../supabase/functions/_shared/clerk/failed_answer.ts";
import { type Result, succeed } from "../../supabase/functions/_shared/failure.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import type { Random } from "../support/random.ts";

export interface FakeUser {
  readonly id: string;
  readonly created_at: number;
}

export interface FakeClerkOptions {
  readonly random: Random;
  /** Whether the filters include their bounds. */
  readonly inclusive: boolean;
  /** The chance that a page shows only its beginning, or nothing, and that a request fails. */
  readonly unreliable: number;
  /** The chance that the user of a cursor is gone. */
  readonly forgetful: number;
  /** The most users of a page. */
  readonly page: number;
}

/** Clerk's list of users as it may be on a bad day. It never leaves out anybody in the middle. */
export function createFakeClerk(users: readonly FakeUser[], options: FakeClerkOptions): ClerkApi {
  const { random, inclusive, unreliable, forgetful, page } = options;
  const sorted = users.toSorted((left, right) =>
    left.created_at - right.created_at || (left.id < right.id ? -1 : 1)
  );

  function matching(query: URLSearchParams): FakeUser[] {
    const slack = inclusive ? 0 : 1;
    const after = query.has("created_at_after") ? Number(query.get("created_at_after")) : -Infinity;
    const before = query.has("created_at_before")
      ? Number(query.get("created_at_before"))
      : Infinity;
    const ids = new Set(query.getAll("user_id"));
    return sorted.filter(({ id, created_at: at }) =>
      at >= after + slack && at <= before - slack && (ids.size === 0 || ids.has(id))
    );
  }

  function answer(path: string, query: URLSearchParams): Result<unknown> {
    if (random.chance(unreliable / 2)) return clerkUnavailable(path, "HTTP 500");
    const found = matching(query);
    if (path === "users/count") return succeed({ total_count: found.length });
    const cursor = query.get("starting_after");
    if (cursor !== null && random.chance(forgetful)) return succeed(undefined);
    const ordered = query.get("order_by") === "-created_at" ? found.toReversed() : found;
    const start = ordered.findIndex(({ id }) => id === cursor) + 1;
    const limit = Math.min(page, Number(query.get("limit")));
    const shown = ordered.slice(start, start + limit);
    // A request about certain users says nothing if it leaves out any: the proof must see through it.
    const kept = random.chance(unreliable) ? random.below(shown.length + 1) : shown.length;
    return succeed(shown.slice(0, kept).map((user) => clerkUserJson({ ...user })));
  }

  return {
    read: (path, query = new URLSearchParams()) => Promise.resolve(answer(path, query)),
    find: (path, query = new URLSearchParams()) => Promise.resolve(answer(path, query)),
    list: (path, query) => Promise.resolve(answer(path, query)),
  };
}
