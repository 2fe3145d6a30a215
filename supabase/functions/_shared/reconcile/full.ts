import * as z from "zod/mini";
import type { Result } from "../failure.ts";
import { resourceNames } from "../listing/resource.ts";
import type { UserCounts } from "../listing/user_counts.ts";
import type { Walked } from "../listing/walked.ts";
import type { Job, RunUnderWay } from "../runs/run.ts";
import { usualLanes, walkAll, walkStart, walkState } from "../runs/walk_all.ts";
import { deactivationsState, noDeactivations } from "./deactivations.ts";
import { createExamination, type ExaminationDependencies, outcomeOf } from "./examination.ts";

export const fullState = z.extend(walkState, { deactivations: deactivationsState });
export type FullState = z.infer<typeof fullState>;

export interface FullDependencies extends ExaminationDependencies {
  readonly counts: UserCounts;
  /** Windows of users that are read side by side. */
  readonly lanes?: number | undefined;
}

/** Compares everything that Clerk has with all rows. */
export function createFull(dependencies: FullDependencies): Job<FullState> {
  const { repairs, lanes = usualLanes } = dependencies;

  async function work(run: RunUnderWay<FullState>): Promise<Result<Walked>> {
    const { state } = run;
    const examination = createExamination(run, state.deactivations, dependencies);
    const begun = await examination.begin(
      resourceNames.filter((name) => !state.done.includes(name)),
    );
    if (!begun.ok) return begun;
    return await walkAll(state, { ...dependencies, ...examination, lanes, signal: run.signal });
  }

  return {
    kind: "full",
    repairs,
    state: fullState,
    begin: () => ({ ...walkStart(), deactivations: noDeactivations() }),
    work,
    outcome: outcomeOf,
  };
}
