import * as z from "zod/mini";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { type Result, succeed } from "../failure.ts";
import { pageLength, type ReadPage } from "./page.ts";
import { createFollower, onlyNew, type Take } from "./portion.ts";
import { resources } from "./resource.ts";
import { endless, type Range, type UserCounts, wideFilter } from "./user_counts.ts";
import { ended, incomplete, stopped, type Walked } from "./walked.ts";
import { cut, newWindow, type UserWindow, userWindow, wholeWindow } from "./user_window.ts";

/** Where the reading of all users stands. Null before its first request. */
export const userWalkState = z.nullable(z.object({
  /** Windows that are still to be read. */
  windows: z.array(userWindow),
  /** Between the first and the last user when the walk began. */
  within: z.object({ from: z.int(), to: z.int() }),
  /** A window of more users is cut. */
  largest: z.int(),
  /** Users whom Clerk counted when the walk began. */
  total: z.int(),
}));
export type UserWalkState = z.infer<typeof userWalkState>;

export interface UserWalkDependencies<Taken> {
  readonly readPage: ReadPage;
  readonly counts: UserCounts;
  readonly take: Take<Taken>;
  /** Called when a portion is done and the state has moved on. */
  readonly commit: (taken: Taken) => void;
  readonly signal: AbortSignal;
  /** Windows that are read side by side. */
  readonly lanes: number;
}

/** How often a window is read again if it shows fewer users than Clerk counts. */
const mostTries = 3;
const mostParts = 32;

/**
 * Reads all users: windows of times of creation side by side, each by cursor. Moves `state` on, so
 * that the walk can go on from it later.
 */
export interface UserWalk {
  begin(): Promise<Result<NonNullable<UserWalkState>>>;
  work(state: NonNullable<UserWalkState>): Promise<Result<Walked>>;
  /** Reads one window, of which nothing else remains. */
  read(window: UserWindow): Promise<Result<Walked>>;
}

export function createUserWalk<Taken>(dependencies: UserWalkDependencies<Taken>): UserWalk {
  const { readPage, counts, take, commit, signal, lanes } = dependencies;

  async function begin(): Promise<Result<NonNullable<UserWalkState>>> {
    const [total, first, last] = await Promise.all([
      counts.count([]),
      counts.edge("+created_at"),
      counts.edge("-created_at"),
    ]);
    if (!total.ok) return total;
    if (!first.ok) return first;
    if (!last.ok) return last;
    return succeed({
      windows: [wholeWindow(total.value)],
      within: { from: first.value ?? 0, to: (last.value ?? 0) + 1 },
      // Enough windows for all lanes, but no more counting than needed.
      largest: Math.min(10_000, Math.max(1_000, Math.ceil(total.value / (2 * lanes)))),
      total: total.value,
    });
  }

  /** Cuts a window in which too many were created. One that cannot be cut stays. */
  async function divide(
    window: UserWindow,
    { within, largest }: NonNullable<UserWalkState>,
  ): Promise<Result<readonly UserWindow[]>> {
    const parts = Math.min(mostParts, Math.max(2, Math.ceil(window.expected / largest)));
    const ranges = cut(window, within, parts);
    if (ranges.length < 2) return succeed([window]);
    const counted = await Promise.all(ranges.map((range) => counts.count(wideFilter(range))));
    const windows: UserWindow[] = [];
    for (const [index, range] of ranges.entries()) {
      const count = counted[index];
      if (count && !count.ok) return count;
      windows.push(newWindow(range, count?.value ?? 0));
    }
    return succeed(windows);
  }

  /**
   * Reads one window to its end, or until the signal.
   *
   * @param readsAhead whether to read a page while the last one is written: not if others do
   */
  async function read(window: UserWindow, readsAhead: () => boolean): Promise<Result<Walked>> {
    let follower = createFollower(window.last);
    let askedAgain = false;
    let { cursor, seen } = window;
    // Seen by an earlier process, in the millisecond where this one begins. Who they are is not known.
    let unknown = window.tied;
    // One page is written while the next is read. The window moves on when its page is written.
    let writing: Promise<Result<unknown>> = Promise.resolve(succeed(undefined));
    const clamp = ({ from, to }: Range) => ({
      from: Math.max(from, window.from),
      to: Math.min(to, window.to),
    });

    async function write(
      portion: Parameters<Take<Taken>>[0],
      next: Partial<UserWindow>,
    ): Promise<Result<unknown>> {
      const taken = await take(portion);
      if (!taken.ok) return taken;
      Object.assign(window, next);
      commit(taken.value);
      return taken;
    }

    const where = () => ({ cursor, last: follower.last, seen, tied: follower.ties + unknown });

    /** Takes what is covered behind the last user. */
    async function close(): Promise<Result<Walked>> {
      const rest = follower.close(window.to);
      const covered = clamp(rest.covered);
      const portion = { ...rest, covered, facts: [], refused: [], fresh: new Set<string>() };
      const closed = await write(portion, where());
      return closed.ok ? succeed(ended) : closed;
    }

    for (;;) {
      if (signal.aborted) {
        const written = await writing;
        return written.ok ? succeed(stopped) : written;
      }
      if (!readsAhead()) await writing;
      const page = await readPage(resources.user, queryFor(window, cursor, follower.last));
      const written = await writing;
      if (!written.ok) return written;
      if (!page.ok) return page;
      if (page.value === undefined) {
        if (cursor === null) return unusableAnswer("users", "refused the list");
        cursor = null;
        // The whole millisecond is read and counted again.
        seen -= follower.ties + unknown;
        unknown = 0;
        follower = createFollower(follower.last);
        continue;
      }
      const { entries, facts, refused } = page.value;
      const before = follower.last;
      const followed = follower.follow(entries);
      if (follower.last > before) unknown = 0;
      if (followed === undefined) {
        return succeed(incomplete("users", "it is not in the order of creation"));
      }
      if (followed.fresh.size > 0) {
        askedAgain = false;
        seen += followed.fresh.size;
        cursor = entries.at(-1)?.id ?? null;
        const portion = {
          ...followed,
          ...onlyNew({ facts, refused }, followed.fresh),
          covered: clamp(followed.covered),
        };
        writing = write(portion, where());
        // A short page proves nothing. But as many were seen as Clerk has counted in a time that is over.
        const isShort = entries.length < pageLength;
        const isOver = isShort && window.to < endless && seen >= window.expected &&
          window.tries === 0;
        if (!isOver) continue;
        const last = await writing;
        return last.ok ? await close() : last;
      }
      const next = entries.at(-1)?.id ?? cursor;
      if (next !== cursor) {
        cursor = next;
        continue;
      }
      // Counted before: when the window was cut.
      const count = seen >= window.expected
        ? succeed(window.expected)
        : await counts.count(wideFilter(window));
      if (!count.ok) return count;
      if (seen >= count.value) {
        return await close();
      }
      if (!askedAgain) {
        askedAgain = true;
        continue;
      }
      window.tries++;
      if (window.tries >= mostTries) {
        return succeed(
          incomplete("users", `it counts ${count.value} in a window and shows only ${seen}`),
        );
      }
      askedAgain = false;
      Object.assign(window, newWindow(window, count.value), { tries: window.tries });
      follower = createFollower(window.last);
      ({ cursor, seen, tied: unknown } = window);
    }
  }

  /** Cuts and reads windows until none is left. Several lanes do so side by side. */
  async function work(
    state: NonNullable<UserWalkState>,
    underWay: Set<UserWindow>,
    side: { stop: boolean },
  ): Promise<Result<Walked>> {
    for (;;) {
      if (signal.aborted || side.stop) return succeed(stopped);
      const window = state.windows.find((candidate) => !underWay.has(candidate));
      if (window === undefined) {
        if (underWay.size === 0) return succeed(ended);
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      underWay.add(window);
      try {
        if (window.expected > state.largest && window.seen === 0 && window.tries === 0) {
          const divided = await divide(window, state);
          if (!divided.ok) return divided;
          if (divided.value.length > 1) {
            state.windows.splice(state.windows.indexOf(window), 1, ...divided.value);
            continue;
          }
        }
        // Each page takes memory. With many lanes, some read while others write.
        const walked = await read(window, () => 2 * underWay.size <= lanes);
        if (!walked.ok || !walked.value.ended) return walked;
        state.windows.splice(state.windows.indexOf(window), 1);
      } finally {
        underWay.delete(window);
      }
    }
  }

  return {
    begin,
    read: (window) => read(window, () => true),
    async work(state) {
      const underWay = new Set<UserWindow>();
      const side = { stop: false };
      const results = await Promise.all(Array.from({ length: lanes }, async () => {
        const result = await work(state, underWay, side);
        if (!result.ok || !result.value.ended) side.stop = true;
        return result;
      }));
      // The first lane that could not go on has stopped the others.
      return results.find((result) => !result.ok) ??
        results.find((result) => result.ok && !result.value.ended && result.value.incomplete) ??
        results.find((result) => result.ok && !result.value.ended) ?? succeed(ended);
    },
  };
}

function queryFor(window: UserWindow, cursor: string | null, last: number): URLSearchParams {
  // Without a cursor it goes on with the millisecond in which the last user was created.
  const from = cursor === null ? Math.max(window.from, last) : window.from;
  return new URLSearchParams([
    ...wideFilter({ from, to: window.to }),
    ["order_by", "+created_at"],
    ["limit", String(pageLength)],
    ...(cursor === null ? [] : [["starting_after", cursor]]),
  ]);
}
