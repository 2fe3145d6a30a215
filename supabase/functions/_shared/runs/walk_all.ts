import * as z from "zod/mini";
import { type Result, succeed } from "../failure.ts";
import { createOffsetWalk, offsetWalkStart, offsetWalkState } from "../listing/offset_walk.ts";
import type { ReadPage } from "../listing/page.ts";
import type { Take } from "../listing/portion.ts";
import { type ResourceName, resourceNames, resources } from "../listing/resource.ts";
import type { UserCounts } from "../listing/user_counts.ts";
import { createUserWalk, userWalkState } from "../listing/user_walk.ts";
import { ended, stopped, type Walked } from "../listing/walked.ts";

/** Where the reading of everything stands. */
export const walkState = z.object({
  user: userWalkState,
  organization: offsetWalkState,
  membership: offsetWalkState,
  done: z.array(z.enum(resourceNames)),
});
export type WalkState = z.infer<typeof walkState>;

export function walkStart(): WalkState {
  return {
    user: null,
    organization: { ...offsetWalkStart },
    membership: { ...offsetWalkStart },
    done: [],
  };
}

/** How much there is, as far as is known, and how much of it is done. */
export function totalOf(state: WalkState, resource: ResourceName): number {
  return resource === "user" ? state.user?.total ?? 0 : state[resource].total;
}

/** At 250 ms a page, about as many as Clerk's limit for a production instance has room for. */
export const usualLanes = 12;

export interface WalkAllDependencies<Taken> {
  readonly readPage: ReadPage;
  readonly counts: UserCounts;
  readonly take: (resource: ResourceName) => Take<Taken>;
  readonly commit: (resource: ResourceName) => (taken: Taken) => void;
  /** Called when a resource was read to its end. It may be called again after an interruption. */
  readonly finish?: (resource: ResourceName) => Promise<Result<Walked>>;
  readonly signal: AbortSignal;
  readonly lanes: number;
}

/** Reads users, then organizations, then memberships. Moves `state` on. */
export async function walkAll<Taken>(
  state: WalkState,
  dependencies: WalkAllDependencies<Taken>,
): Promise<Result<Walked>> {
  const { take, commit, finish, signal } = dependencies;
  for (const resource of resourceNames) {
    if (state.done.includes(resource)) continue;
    if (signal.aborted) return succeed(stopped);
    const common = { ...dependencies, take: take(resource), commit: commit(resource) };
    const walked = resource === "user"
      ? await walkUsers(state, createUserWalk(common))
      : await createOffsetWalk({ ...common, resource: resources[resource] })(state[resource]);
    if (!walked.ok || !walked.value.ended) return walked;
    const finished = finish ? await finish(resource) : succeed(ended);
    if (!finished.ok || !finished.value.ended) return finished;
    state.done.push(resource);
  }
  return succeed(ended);
}

async function walkUsers(
  state: WalkState,
  walk: ReturnType<typeof createUserWalk>,
): Promise<Result<Walked>> {
  if (state.user === null) {
    const begun = await walk.begin();
    if (!begun.ok) return begun;
    state.user = begun.value;
  }
  return await walk.work(state.user);
}
