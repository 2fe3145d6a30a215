import type { Flaw, Item } from "./history.ts";
import { type Known, knownInTheEnd, learn, shows, unknown } from "./model.ts";
import type { Call, HistoryRun } from "./run_of_history.ts";
import type { Delivery } from "./schedule.ts";
import { expect, Violation } from "./violation.ts";

const property = "each item has the outcome that it should";

/** Checks what the calls of a run were answered: exactly where one writer sent them, else what may be. */
export function checkOutcomes(run: HistoryRun, noticedAt: number): void {
  if (run.plan.writers === 1) checkSequence(run, noticedAt);
  else checkConcurrent(run, noticedAt);
  checkCreation(run, noticedAt);
}

/** The outcome of each delivery when the run is over and everything comes once more. */
export function finalOutcomes(
  run: HistoryRun,
  deliveries: readonly Delivery[],
  noticedAt: number,
): string[] {
  return deliveries.map((delivery) => {
    const item = run.item(delivery);
    if (item.kind === "invalid") return refusal(item.flaw);
    if (run.deliveryId(delivery) !== null) return "duplicate";
    return shows(knownInTheEnd(run.history, item.user, noticedAt), item) ? "unchanged" : "stale";
  });
}

function checkSequence(run: HistoryRun, noticedAt: number): void {
  let known: ReadonlyMap<number, Known> = new Map();
  const delivered = new Set<string | null>();
  for (const call of run.calls) {
    const expected: string[] = [];
    // What the database applies together.
    for (const items of call.oneByOne ? call.deliveries.map((one) => [one]) : [call.deliveries]) {
      const after = learnAll(known, items.map(run.item), noticedAt);
      for (const delivery of items) {
        const outcome = outcomeOf(run.item(delivery), known, after, noticedAt);
        const id = run.deliveryId(delivery);
        const repeated = id !== null && delivered.has(id) && /unchanged|stale/.test(outcome);
        expected.push(repeated ? "duplicate" : outcome);
        delivered.add(id);
      }
      known = after;
    }
    expect(property, where(run, call), { actual: call.outcomes, expected });
  }
}

function learnAll(
  known: ReadonlyMap<number, Known>,
  items: readonly Item[],
  noticedAt: number,
): ReadonlyMap<number, Known> {
  const after = new Map(known);
  for (const item of items) {
    after.set(item.user, learn(after.get(item.user) ?? unknown, item, noticedAt));
  }
  return after;
}

function outcomeOf(
  item: Item,
  before: ReadonlyMap<number, Known>,
  after: ReadonlyMap<number, Known>,
  noticedAt: number,
): string {
  if (item.kind === "invalid") return refusal(item.flaw);
  if (!shows(after.get(item.user) ?? unknown, item)) return "stale";
  const had = before.get(item.user) ?? unknown;
  if (learn(had, item, noticedAt) === had) return "unchanged";
  return isRow(had) ? "updated" : "created";
}

function refusal(flaw: Flaw): string {
  return flaw === "unstorable" ? "rejected" : "invalid";
}

/** Whether there is a row where this is known. */
function isRow({ state, deletedAt }: Known): boolean {
  return state !== null || deletedAt !== null;
}

function checkConcurrent(run: HistoryRun, noticedAt: number): void {
  const times = new Map<string | null, number>();
  for (const delivery of run.calls.flatMap(({ deliveries }) => deliveries)) {
    const id = run.deliveryId(delivery);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  for (const call of run.calls) {
    call.deliveries.forEach((delivery, index) => {
      const item = run.item(delivery);
      const id = run.deliveryId(delivery);
      const shown = shows(knownInTheEnd(run.history, item.user, noticedAt), item);
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

/** Just one call makes a user's row. */
function checkCreation(run: HistoryRun, noticedAt: number): void {
  for (const user of run.users) {
    const creating = run.calls.filter(({ deliveries, outcomes }) =>
      deliveries.some((delivery, index) =>
        run.item(delivery).user === user && outcomes[index] === "created"
      )
    );
    expect(property, `${run.name}: calls that create user ${user}`, {
      actual: creating.length,
      expected: Number(isRow(knownInTheEnd(run.history, user, noticedAt))),
    });
  }
}

function where(run: HistoryRun, { deliveries }: Call): string {
  return `${run.name}: call of ${
    deliveries.map(({ item, copy }) => copy ? `${item} anew` : item).join(", ")
  }`;
}
