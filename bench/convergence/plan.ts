import type { Random } from "../../tests/support/random.ts";
import type { History } from "./history.ts";

/** How a history's events are delivered. */
export type Plan = {
  /** Positions in the history, in order of delivery. A position listed twice is delivered twice. */
  readonly order: readonly number[];
  /** Deliveries under way at once. */
  readonly concurrency: number;
};

/** The three ways to deliver every history, mildest first. */
export const planNames = ["in order", "one late or twice", "any order"] as const;
export type PlanName = typeof planNames[number];

export function createPlans(history: History, random: Random): Record<PlanName, Plan> {
  const inOrder = history.map((_, index) => index);
  return {
    "in order": { order: inOrder, concurrency: 1 },
    "one late or twice": { order: disturb(inOrder, random), concurrency: 1 },
    "any order": {
      order: random.shuffled([...inOrder, ...inOrder.filter(() => random.chance(0.3))]),
      concurrency: 4,
    },
  };
}

/**
 * One delivery fails at first and is repeated after some of the later ones; or it succeeds, but its
 * answer is lost and it comes twice.
 */
function disturb(inOrder: readonly number[], random: Random): number[] {
  const disturbed = random.below(inOrder.length);
  const lost = random.chance(0.5);
  const again = disturbed + 1 + random.below(inOrder.length - disturbed);
  return [
    ...inOrder.slice(0, again).filter((index) => lost || index !== disturbed),
    disturbed,
    ...inOrder.slice(again),
  ];
}
