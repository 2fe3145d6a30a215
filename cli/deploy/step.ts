import type { Outcome, Problem } from "../hosted/outcome.ts";

/** What a look found: it is so already, or what would be done. */
export type Finding =
  | { readonly done: true; readonly note?: string; readonly notKnown?: true }
  | { readonly done: false; readonly todo: string };

/** One step on the way to a project that is live. Both functions may be called again and again. */
export interface Step {
  readonly name: string;
  /** Looks whether it is so already. Changes nothing. */
  check(): Promise<Outcome<Finding>>;
  /** Makes it so. Returns what there is to say about it. */
  apply(): Promise<Outcome<string>>;
  /** Whether the steps after it can do without it. */
  readonly goOn?: boolean;
}

export type State = "already so" | "not known" | "done" | "would do" | "failed" | "not reached";

/** What became of a step. */
export interface Report {
  readonly name: string;
  readonly state: State;
  readonly note: string;
  readonly problem?: Problem;
}

/** A step that only looks. */
export function lookOnly(name: string, look: () => Promise<Outcome<string>>): Step {
  return {
    name,
    async check() {
      const found = await look();
      return found.ok ? { ok: true, value: { done: true, note: found.value } } : found;
    },
    apply: look,
  };
}

/**
 * Takes the steps in order. The first that fails is the last, unless the others can do without it.
 *
 * @param tell called after each step
 */
export async function takeSteps(
  steps: readonly Step[],
  { dryRun, tell }: { dryRun: boolean; tell(report: Report): void },
): Promise<readonly Report[]> {
  const reports: Report[] = [];
  let stopped = false;
  for (const step of steps) {
    const report = stopped
      ? { name: step.name, state: "not reached" as const, note: "" }
      : await takeStep(step, dryRun);
    if (report.state === "failed" && !step.goOn) stopped = true;
    reports.push(report);
    tell(report);
  }
  return reports;
}

async function takeStep(step: Step, dryRun: boolean): Promise<Report> {
  const { name } = step;
  const found = await step.check();
  if (!found.ok) return { name, state: "failed", note: "", problem: found.problem };
  if (found.value.done) {
    const { note = "", notKnown } = found.value;
    return { name, state: notKnown ? "not known" : "already so", note };
  }
  if (dryRun) return { name, state: "would do", note: found.value.todo };
  const applied = await step.apply();
  return applied.ok
    ? { name, state: "done", note: applied.value }
    : { name, state: "failed", note: "", problem: applied.problem };
}
