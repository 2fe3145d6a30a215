import * as z from "zod/mini";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { type Result, succeed } from "../failure.ts";
import { createOffsetWalk, offsetWalkStart, offsetWalkState } from "../listing/offset_walk.ts";
import { type ResourceName, resourceNames, resources } from "../listing/resource.ts";
import { rowRange } from "./row_range.ts";
import { endless, exactFilter, type Range, type UserCounts } from "../listing/user_counts.ts";
import { createUserWalk } from "../listing/user_walk.ts";
import { newWindow } from "../listing/user_window.ts";
import { ended, stopped, type Walked } from "../listing/walked.ts";
import type { Job, RunUnderWay } from "../runs/run.ts";
import { deactivationsState, noDeactivations } from "./deactivations.ts";
import {
  createExamination,
  type Examination,
  type ExaminationDependencies,
  outcomeOf,
} from "./examination.ts";

const counted = z.object({
  from: z.int(),
  to: z.int(),
  /** Users that Clerk counts there. */
  clerk: z.int(),
  /** How often it was cut to get here. */
  depth: z.int(),
});
type Counted = z.infer<typeof counted>;

export const countState = z.object({
  /** Ranges of users' times of creation that are still to be compared. Null before the first. */
  ranges: z.nullable(z.array(counted)),
  bounds: z.nullable(z.object({ afterIncludes: z.boolean(), beforeIncludes: z.boolean() })),
  /** Where the listing of organizations or memberships stands. */
  walk: offsetWalkState,
  done: z.array(z.enum(resourceNames)),
  deactivations: deactivationsState,
});
export type CountState = z.infer<typeof countState>;

/** Users: a range with at most as many is listed. */
const fewEnough = 500;
/** So often ranges are cut even if their numbers are equal: one missing and one extra cancel out. */
const cutAnyway = 4;

export interface CountDependencies extends ExaminationDependencies {
  readonly counts: UserCounts;
}

/**
 * Compares numbers, and lists only where they differ: a few differences among a million users are
 * found with tens of requests. One missing and one extra in the same sixteenth stay unseen.
 */
export function createCount(dependencies: CountDependencies): Job<CountState> {
  const { counts, database, readPage, repairs } = dependencies;

  /**
   * Cuts a range in the middle of its rows, or of its time where it has few. Undefined if it cannot
   * be cut.
   */
  async function halve(
    range: Counted,
    middle: number | undefined,
    bounds: NonNullable<CountState["bounds"]>,
  ): Promise<Result<readonly [Counted, Counted] | undefined>> {
    const isInside = (at: number | undefined): at is number =>
      at !== undefined && at > range.from && at < range.to;
    const at = isInside(middle) ? succeed(middle) : await middleOfTime(range);
    if (!at.ok) return at;
    if (!isInside(at.value)) return succeed(undefined);
    const left: Range = { from: range.from, to: at.value };
    const count = await counts.count(exactFilter(left, bounds));
    if (!count.ok) return count;
    return succeed([
      { ...left, clerk: count.value, depth: range.depth + 1 },
      {
        from: at.value,
        to: range.to,
        clerk: Math.max(0, range.clerk - count.value),
        depth: range.depth + 1,
      },
    ]);
  }

  async function middleOfTime({ from, to }: Range): Promise<Result<number>> {
    const first = from > 0 ? succeed(from) : await counts.edge("+created_at");
    if (!first.ok) return first;
    const last = to < endless ? succeed(to) : await counts.edge("-created_at");
    return last.ok ? succeed(Math.ceil(((first.value ?? 0) + (last.value ?? 0)) / 2)) : last;
  }

  async function compareUsers(
    state: CountState,
    examination: Examination,
    signal: AbortSignal,
  ): Promise<Result<Walked>> {
    if (state.bounds === null || state.ranges === null) {
      const bounds = await counts.calibrate();
      if (!bounds.ok) return bounds;
      const total = await counts.count([]);
      if (!total.ok) return total;
      state.bounds = bounds.value;
      state.ranges = [{ from: 0, to: endless, clerk: total.value, depth: 0 }];
    }
    const walk = createUserWalk({
      readPage,
      counts,
      take: examination.take("user"),
      commit: examination.commit("user"),
      signal,
      lanes: 1,
    });
    for (;;) {
      if (signal.aborted) return succeed(stopped);
      const range = state.ranges.at(-1);
      if (range === undefined) return succeed(ended);
      const measured = await database.measure("user", rowRange(range));
      if (!measured.ok) return measured;
      const { rows, middle } = measured.value;
      const isLarge = Math.max(rows, range.clerk) > fewEnough;
      if (rows === range.clerk && !(isLarge && range.depth < cutAnyway)) {
        state.ranges.pop();
        continue;
      }
      const halves = isLarge
        ? await halve(range, rows > fewEnough / 2 ? middle : undefined, state.bounds)
        : succeed(undefined);
      if (!halves.ok) return halves;
      if (halves.value !== undefined) {
        state.ranges.splice(-1, 1, ...halves.value.toReversed());
        continue;
      }
      if (rows === range.clerk) {
        state.ranges.pop();
        continue;
      }
      const read = await walk.read(newWindow(range, range.clerk));
      if (!read.ok || !read.value.ended) return read;
      state.ranges.pop();
    }
  }

  /** Lists organizations or memberships if their number differs. */
  async function compareOthers(
    resource: ResourceName,
    state: CountState,
    examination: Examination,
    signal: AbortSignal,
  ): Promise<Result<Walked>> {
    const first = await readPage(resources[resource], new URLSearchParams({ limit: "1" }));
    if (!first.ok) return first;
    const total = first.value?.total;
    if (total === undefined) return unusableAnswer(resources[resource].path, "not counted");
    const measured = await database.measure(resource, { from: null, to: null });
    if (!measured.ok) return measured;
    if (measured.value.rows === total) return succeed(ended);
    const walk = createOffsetWalk({
      readPage,
      resource: resources[resource],
      take: examination.take(resource),
      commit: examination.commit(resource),
      signal,
    });
    return await walk(state.walk);
  }

  async function work(run: RunUnderWay<CountState>): Promise<Result<Walked>> {
    const { state, signal } = run;
    const examination = createExamination(run, state.deactivations, dependencies);
    const left = resourceNames.filter((name) => !state.done.includes(name));
    const begun = await examination.begin(left);
    if (!begun.ok) return begun;
    for (const resource of left) {
      const walked = resource === "user"
        ? await compareUsers(state, examination, signal)
        : await compareOthers(resource, state, examination, signal);
      if (!walked.ok || !walked.value.ended) return walked;
      const finished = await examination.finish(resource);
      if (!finished.ok || !finished.value.ended) return finished;
      state.done.push(resource);
      state.walk = { ...offsetWalkStart };
    }
    return succeed(ended);
  }

  return {
    kind: "count",
    repairs,
    state: countState,
    begin: () => ({
      ranges: null,
      bounds: null,
      walk: { ...offsetWalkStart },
      done: [],
      deactivations: noDeactivations(),
    }),
    work,
    outcome: outcomeOf,
  };
}
