import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { Resource } from "../support/model/columns.ts";
import { knownInTheEnd, type World } from "../support/model/known.ts";
import { addressFact, type FactTemplate, factTemplate } from "./facts.ts";
import type { History, Item, Plan, Replay } from "./history.ts";
import { type Batches, type Delivery, schedule } from "./schedule.ts";
import { type Ids, keyOf, ownersOf, type Subject } from "./subject.ts";
import { toldBy } from "./told.ts";

/** The items of one history in one call, and their outcomes. */
export interface Call {
  readonly deliveries: readonly Delivery[];
  readonly outcomes: readonly string[];
  /** Whether any item of the call was rejected, perhaps another history's. Then each is applied alone. */
  readonly oneByOne: boolean;
}

/** A history delivered by one plan, with Clerk ids of its own. */
export interface HistoryRun {
  /** Identifies the run in messages. */
  readonly name: string;
  readonly history: History;
  readonly plan: Plan;
  readonly writers: readonly Batches[];
  /** All subjects whose rows are checked at the end. */
  readonly subjects: readonly Subject[];
  /** What is known at the end, by Clerk id. */
  readonly end: World;
  readonly ids: Ids;
  item(delivery: Delivery): Item;
  /** The fact that the item brings; undefined if it brings none. */
  told(delivery: Delivery): Fact | undefined;
  /** The id in the ledger; null if the ledger does not record the delivery. */
  deliveryId(delivery: Delivery): string | null;
  /** What `apply_clerk_facts()` takes. */
  fact(delivery: Delivery): unknown;
  /** The calls made, with their outcomes. */
  readonly calls: Call[];
  /** The items of the application's writes that were made. Each is made only once. */
  readonly written: Set<number>;
}

/** The three runs of a replay. `prefix` is in every id, so that no two replays share one. */
export function createRuns(replay: Replay, prefix: string, noticedAt: number): HistoryRun[] {
  const { history, plans } = replay;
  const templates = history.map((item) => factTemplate(item, noticedAt));
  const subjects = subjectsOf(history);
  return plans.map((plan, number) => {
    const name = `${prefix}_${number}`;
    const ids: Ids = ({ resource, number }) => `${prefixes[resource]}_${name}_${number}`;
    const told = history.map((item) => toldBy(item, ids, noticedAt));
    const end = knownInTheEnd(told.filter((fact) => fact !== undefined));
    return createRun({ name, history, plan, subjects, ids, end }, templates, told);
  });
}

/** Includes the organizations and users of memberships, which must not get rows from them. */
function subjectsOf(history: History): Subject[] {
  const subjects = history.flatMap(({ subject }) =>
    subject.resource === "membership" ? [subject, ...Object.values(ownersOf(subject))] : [subject]
  );
  return [...new Map(subjects.map((subject) => [keyOf(subject), subject])).values()];
}

const prefixes: Readonly<Record<Resource, string>> = {
  user: "user",
  organization: "org",
  membership: "orgmem",
};

function createRun(
  shared: Pick<HistoryRun, "name" | "history" | "plan" | "subjects" | "ids" | "end">,
  templates: readonly (FactTemplate | undefined)[],
  told: readonly (Fact | undefined)[],
): HistoryRun {
  const { name, history, plan, ids } = shared;

  function item({ item }: Delivery): Item {
    const found = history[item];
    if (!found) throw new Error(`The history has no item ${item}`);
    return found;
  }

  function deliveryId(delivery: Delivery): string | null {
    const { kind, subject } = item(delivery);
    // The id that users-sync uses, the same each time that it finds the user gone.
    if (kind === "gone") return `users-sync_${ids(subject)}`;
    return templates[delivery.item]?.delivery
      ? `msg_${name}_${delivery.item}_${delivery.copy}`
      : null;
  }

  return {
    ...shared,
    writers: schedule(history, plan),
    item,
    told: (delivery) => told[delivery.item],
    deliveryId,
    fact(delivery) {
      const template = templates[delivery.item];
      const id = deliveryId(delivery);
      return {
        ...(template && addressFact(template.fact, item(delivery).subject, ids)),
        ...(id === null ? {} : { delivery: { ...template?.delivery, id } }),
      };
    },
    calls: [],
    written: new Set(),
  };
}
