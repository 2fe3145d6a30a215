import type { Answers } from "./delivery.ts";
import type { History } from "./history.ts";
import { type PlanName, planNames } from "./plan.ts";
import { type Fault, findFault, type Row, visible } from "./verdict.ts";

/** A handler's results. */
export type Tally = {
  readonly title: string;
  readonly histories: number;
  /** Histories that ended up wrong, by plan. */
  readonly wrong: Record<PlanName, number>;
  /** What was wrong with them, in all plans together. */
  readonly faults: Map<Fault, number>;
  /** Histories that left different rows in different plans. */
  readonly different: number;
  readonly answers: Answers;
};

/** @param rowOf the row that a plan left behind for the history at `index` */
export function countUp(
  title: string,
  histories: readonly History[],
  answers: Answers,
  rowOf: (plan: PlanName, index: number) => Row | undefined,
): Tally {
  const wrong = { "in order": 0, "one late or twice": 0, "any order": 0 };
  const faults = new Map<Fault, number>();
  let different = 0;
  for (const [index, history] of histories.entries()) {
    for (const plan of planNames) {
      const fault = findFault(history, rowOf(plan, index));
      if (fault === null) continue;
      wrong[plan]++;
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
    }
    if (new Set(planNames.map((plan) => visible(rowOf(plan, index)))).size > 1) different++;
  }
  return { title, histories: histories.length, wrong, faults, different, answers };
}

/** The tallies as a table in Markdown. */
export function renderTallies(tallies: readonly Tally[]): string {
  const lines = tallies.map((tally) => [
    tally.title,
    ...planNames.map((plan) => share(tally.wrong[plan], tally.histories)),
    [...tally.faults].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([fault, count]) => `${fault} ${count}`).join(", ") || "-",
    share(tally.different, tally.histories),
    String(tally.answers.errors),
  ]);
  const head = [
    "handler",
    ...planNames.map((plan) => `wrong, ${plan}`),
    "what was wrong",
    "different rows",
    "error answers",
  ];
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function share(count: number, total: number): string {
  return count === 0 ? "0" : `${count} (${(100 * count / total).toFixed(1)} %)`;
}
