import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import {
  endMemberships,
  type Known,
  learn,
  learnAll,
  shows,
  type World,
} from "../support/model/known.ts";
import type { Item } from "./history.ts";
import type { Call, HistoryRun } from "./run_of_history.ts";
import type { Delivery } from "./schedule.ts";
import { expect, Violation } from "./violation.ts";

/** The order in which a batch is applied. */
const order = ["user", "organization", "membership"] as const;

const property = "each item has the right outcome";

/** Checks a run's outcomes: against exact ones for a single writer, else against the possible ones. */
export function checkOutcomes(run: HistoryRun): void {
  if (run.plan.writers === 1) checkSequence(run);
  else checkConcurrent(run);
  checkCreation(run);
}

/** The outcome of each delivery if everything comes once more after the run. */
export function finalOutcomes(run: HistoryRun, deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) => {
    const fact = run.told(delivery);
    if (!fact) return refusal(run.item(delivery));
    if (run.deliveryId(delivery) !== null) return "duplicate";
    return shows(run.end.get(fact.clerk_id), fact) ? "unchanged" : "stale";
  });
}

function checkSequence(run: HistoryRun): void {
  let world: World = new Map();
  const delivered = new Set<string | null>();
  for (const call of run.calls) {
    const outcomes = new Map<Delivery, string>();
    const inTurn = order.flatMap((resource) =>
      call.deliveries.filter((one) => run.item(one).subject.resource === resource)
    );
    for (const delivery of inTurn) {
      const fact = run.told(delivery);
      if (!fact) {
        outcomes.set(delivery, refusal(run.item(delivery)));
        continue;
      }
      outcomes.set(delivery, outcomeOf(fact, world.get(fact.clerk_id)));
      const after = learnAll(world, [fact]);
      world = call.oneByOne ? endMemberships(after) : after;
    }
    world = endMemberships(world);
    const expected = call.deliveries.map((delivery) => {
      const outcome = outcomes.get(delivery) ?? "none";
      const id = run.deliveryId(delivery);
      const repeated = id !== null && delivered.has(id) && /unchanged|stale/.test(outcome);
      delivered.add(id);
      return repeated ? "duplicate" : outcome;
    });
    expect(property, where(run, call), { actual: call.outcomes, expected });
  }
}

function outcomeOf(fact: Fact, before: Known | undefined): string {
  if (!before) return "created";
  const after = learn(before, fact);
  if (after !== before) return "updated";
  return shows(after, fact) ? "unchanged" : "stale";
}

/** The outcome of an item that is not a fact. */
function refusal(item: Item): string {
  return item.kind === "invalid" && item.flaw === "unstorable" ? "rejected" : "invalid";
}

function checkConcurrent(run: HistoryRun): void {
  const times = new Map<string | null, number>();
  for (const delivery of run.calls.flatMap(({ deliveries }) => deliveries)) {
    const id = run.deliveryId(delivery);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  for (const call of run.calls) {
    call.deliveries.forEach((delivery, index) => {
      const fact = run.told(delivery);
      const id = run.deliveryId(delivery);
      const admissible = !fact ? [refusal(run.item(delivery))] : [
        "created",
        "updated",
        "unchanged",
        // A fact that the final row shows was never stale.
        ...(shows(run.end.get(fact.clerk_id), fact) ? [] : ["stale"]),
        ...(id !== null && (times.get(id) ?? 0) > 1 ? ["duplicate"] : []),
      ];
      const outcome = call.outcomes[index] ?? "none";
      if (admissible.includes(outcome)) return;
      throw new Violation(property, `${where(run, call)}: item ${index} must not be ${outcome}`);
    });
  }
}

/** Checks that exactly one call creates each row. */
function checkCreation(run: HistoryRun): void {
  for (const id of run.subjects.map(run.ids)) {
    const creating = run.calls.filter(({ deliveries, outcomes }) =>
      deliveries.some((delivery, index) =>
        run.told(delivery)?.clerk_id === id && outcomes[index] === "created"
      )
    );
    expect(property, `${run.name}: calls that create ${id}`, {
      actual: creating.length,
      expected: Number(run.end.has(id)),
    });
  }
}

function where(run: HistoryRun, { deliveries }: Call): string {
  return `${run.name}: call of ${
    deliveries.map(({ item, copy }) => copy ? `${item} anew` : item).join(", ")
  }`;
}
