import * as z from "zod/mini";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { type Result, succeed } from "../failure.ts";
import { pageLength, type ReadPage } from "./page.ts";
import { createFollower, onlyNew, type Portion, type Take } from "./portion.ts";
import type { Resource } from "./resource.ts";
import { endless } from "./user_counts.ts";
import { ended, incomplete, stopped, type Walked } from "./walked.ts";

/** Where the reading of a list stands that knows only offsets. */
export const offsetWalkState = z.object({
  offset: z.int(),
  /** When the last object that was seen was created. */
  last: z.int(),
  /** How many were seen that were created before then. */
  seen: z.int(),
  total: z.int(),
  tries: z.int(),
});
export type OffsetWalkState = z.infer<typeof offsetWalkState>;

export const offsetWalkStart: OffsetWalkState = {
  offset: 0,
  last: -1,
  seen: 0,
  total: 0,
  tries: 0,
};

/** How many objects two pages share, so that deletions between them leave out nobody. */
export const overlap = 50;
const mostTries = 3;

export interface OffsetWalkDependencies<Taken> {
  readonly readPage: ReadPage;
  readonly resource: Resource;
  readonly take: Take<Taken>;
  /** Called when a portion is done and the state has moved on. */
  readonly commit: (taken: Taken) => void;
  readonly signal: AbortSignal;
}

/** Reads a list in the order of creation, by offset. Moves `state` on. */
export function createOffsetWalk<Taken>(dependencies: OffsetWalkDependencies<Taken>) {
  const { readPage, resource, take, commit, signal } = dependencies;

  return async (state: OffsetWalkState): Promise<Result<Walked>> => {
    let follower = createFollower(state.last);
    let { offset, seen } = state;
    // After a pause it begins earlier, with the whole millisecond that it saw last.
    if (offset > 0) offset = Math.max(0, offset - pageLength);
    let writing: Promise<Result<unknown>> = Promise.resolve(succeed(undefined));

    async function write(portion: Portion, next: Partial<OffsetWalkState>) {
      const taken = await take(portion);
      if (!taken.ok) return taken;
      Object.assign(state, next);
      commit(taken.value);
      return taken;
    }

    for (let askedAgain = false;;) {
      if (signal.aborted) {
        const written = await writing;
        return written.ok ? succeed(stopped) : written;
      }
      const query = new URLSearchParams({
        order_by: "+created_at",
        limit: String(pageLength),
        offset: String(offset),
      });
      const page = await readPage(resource, query);
      const written = await writing;
      if (!written.ok) return written;
      if (!page.ok) return page;
      const { entries, facts, refused, total } = page.value ?? {};
      if (!entries || !facts || !refused || total === undefined) {
        return unusableAnswer(resource.path, "refused the list");
      }
      state.total = total;
      // Behind the end, or not where it should go on: objects before it were deleted.
      if (offset > 0 && (entries.length === 0 ? total > 0 : !follower.joins(entries))) {
        offset = Math.max(0, offset - pageLength);
        continue;
      }
      const followed = follower.follow(entries);
      if (followed === undefined) {
        return succeed(incomplete(resource.path, "it is not in the order of creation"));
      }
      if (followed.fresh.size > 0) {
        askedAgain = false;
        seen += followed.fresh.size;
        offset += stepAfter(entries.length);
        writing = write(
          { ...followed, ...onlyNew({ facts, refused }, followed.fresh) },
          { offset, last: follower.last, seen: seen - follower.ties },
        );
        continue;
      }
      const showsEnd = offset + entries.length >= total;
      if (showsEnd && seen >= total) {
        const rest = {
          ...follower.close(endless),
          facts: [],
          refused: [],
          fresh: new Set<string>(),
        };
        const closed = await write(rest, {});
        return closed.ok ? succeed(ended) : closed;
      }
      if (!showsEnd && entries.length > 0) {
        offset += stepAfter(entries.length);
        continue;
      }
      if (!askedAgain) {
        askedAgain = true;
        continue;
      }
      state.tries++;
      if (state.tries >= mostTries) {
        return succeed(
          incomplete(resource.path, `it counts ${total} and shows only ${seen}`),
        );
      }
      Object.assign(state, offsetWalkStart, { total, tries: state.tries });
      follower = createFollower(state.last);
      ({ offset, seen } = state);
      askedAgain = false;
    }
  };
}

/** How far the next page begins behind this one. A short one shares less with it. */
function stepAfter(length: number): number {
  return Math.max(1, length - Math.min(overlap, Math.ceil(length / 2)));
}
