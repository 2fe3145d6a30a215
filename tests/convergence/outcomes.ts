import type { Flaw, Item } from "./history.ts";
import { endMemberships, learn, learnAll, shows, type World } from "./model.ts";
import type { Call, HistoryRun } from "./run_of_history.ts";
import type { Delivery } from "./schedule.ts";
import { keyOf, resources } from "./subject.ts";
import { expect, Violation } from "./violation.ts";

const property = "each item has the outcome that it should";

/** Checks what the calls of a run were answered: exactly where one writer sent them, else what may be. */
export function checkOutcomes(run: HistoryRun, noticedAt: number): void {
  if (run.plan.writers === 1) checkSequence(run, noticedAt);
  else checkConcurrent(run);
  checkCreation(run);
}

/** The outcome of each delivery when the run is over and everything comes once more. */
export function finalOutcomes(run: HistoryRun, deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) => {
    const item = run.item(delivery);
    if (item.kind === "invalid") return refusal(item.flaw);
    if (run.deliveryId(delivery) !== null) return "duplicate";
    return shows(run.end.get(keyOf(item.subject)), item) ? "unchanged" : "stale";
  });
}

function checkSequence(run: HistoryRun, noticedAt: number): void {
  let world: World = new Map();
  const delivered = new Set<string | null>();
  for (const call of run.calls) {
    const outcomes = new Map<Delivery, string>();
    const inTurn = resources.flatMap((resource) =>
      call.deliveries.filter((one) => run.item(one).subject.resource === resource)
    );
    for (const delivery of inTurn) {
      const after = learnAll(world, [run.item(delivery)], noticedAt);
      outcomes.set(delivery, outcomeOf(run.item(delivery), world, after, noticedAt));
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

function outcomeOf(item: Item, before: World, after: World, noticedAt: number): string {
  if (item.kind === "invalid") return refusal(item.flaw);
  const key = keyOf(item.subject);
  const had = before.get(key);
  if (!had) return "created";
  if (learn(had, item, noticedAt) !== had) return "updated";
  return shows(after.get(key), item) ? "unchanged" : "stale";
}

function refusal(flaw: Flaw): string {
  return flaw === "unstorable" ? "rejected" : "invalid";
}

function checkConcurrent(run: HistoryRun): void {
  const times = new Map<string | null, number>();
  for (const delivery of run.calls.flatMap(({ deliveries }) => deliveries)) {
    const id = run.deliveryId(delivery);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  for (const call of run.calls) {
    call.deliveries.forEach((delivery, index) => {
      const item = run.item(delivery);
      const id = run.deliveryId(delivery);
      const shown = shows(run.end.get(keyOf(item.subject)), item);
      const admissible = item.kind === "invalid" ? [refusal(item.flaw)] : [
        "created",
        "updated",
        "unchanged",
        // What is shown in the end was never beaten.
        ...(shown ? [] : ["stale"]),
        ...(id !== null && (times.get(id) ?? 0) > 1 ? ["duplicate"] : []),
      ];
      const outcome = call.outcomes[index] ?? "none";
      if (admissible.includes(outcome)) return;
      throw new Violation(property, `${where(run, call)}: item ${index} may not be ${outcome}`);
    });
  }
}

/** Just one call makes a subject's row. */
function checkCreation(run: HistoryRun): void {
  for (const key of run.subjects.map(keyOf)) {
    const creating = run.calls.filter(({ deliveries, outcomes }) =>
      deliveries.some((delivery, index) =>
        keyOf(run.item(delivery).subject) === key && outcomes[index] === "created"
      )
    );
    expect(property, `${run.name}: calls that create ${key}`, {
      actual: creating.length,
      expected: Number(run.end.has(key)),
    });
  }
}

function where(run: HistoryRun, { deliveries }: Call): string {
  return `${run.name}: call of ${
    deliveries.map(({ item, copy }) => copy ? `${item} anew` : item).join(", ")
  }`;
}
