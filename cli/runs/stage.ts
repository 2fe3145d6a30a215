import type { CountState } from "../../supabase/functions/_shared/reconcile/count.ts";
import type { RecentState } from "../../supabase/functions/_shared/reconcile/recent.ts";
import {
  type ResourceName,
  resourceNames,
} from "../../supabase/functions/_shared/listing/resource.ts";
import type { RunUnderWay } from "../../supabase/functions/_shared/runs/run.ts";
import { totalOf, type WalkState } from "../../supabase/functions/_shared/runs/walk_all.ts";
import { plural } from "./advance.ts";
import type { Stage } from "./screen.ts";

/** How far a walk through everything is. */
export function stageOfWalk<State extends WalkState>(run: RunUnderWay<State>): Stage | undefined {
  return stageOf(run, (resource) => totalOf(run.state, resource));
}

/** How much of what is recent was compared. */
export function stageOfRecent(run: RunUnderWay<RecentState>): Stage | undefined {
  return stageOf(run, () => 0);
}

/** How much was listed because numbers differ. */
export function stageOfCount(run: RunUnderWay<CountState>): Stage | undefined {
  return stageOf(run, () => 0);
}

function stageOf(
  { state, counts }: Pick<RunUnderWay<WalkState | RecentState | CountState>, "state" | "counts">,
  total: (resource: ResourceName) => number,
): Stage | undefined {
  const resource = resourceNames.find((name) => !state.done.includes(name));
  if (resource === undefined) return undefined;
  return {
    name: plural[resource],
    done: counts[resource].listed ?? 0,
    total: total(resource),
  };
}
