import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { Resource } from "../support/model/columns.ts";
import { knownInTheEnd, type World } from "../support/model/known.ts";
import { addressFact, type FactTemplate, factTemplate } from "./facts.ts";
import type { History, Item, Plan, Replay } from "./history.ts";
import { type Batches, type Delivery, schedule } from "./schedule.ts";
import { type Ids, keyOf, ownersOf, type Subject } from "./subject.ts";
import { toldBy } from "./told.ts";

/** One call's items of one history, and what became of them. */
export interface Call {
  readonly deliveries: readonly Delivery[];
  readonly outcomes: readonly string[];
  /** Whether some item of the call, perhaps another history's, was rejected: then each is applied alone. */
  readonly oneByOne: boolean;
}

/** A history on its way to the database by one plan, with Clerk ids of its own. */
export interface HistoryRun {
  /** Tells which it is, in messages. */
  readonly name: string;
  readonly history: History;
  readonly plan: Plan;
  readonly writers: readonly Batches[];
  /** Everybody who must have a row in the end, or none. */
  readonly subjects: readonly Subject[];
  /** What is known in the end, by Clerk id. */
  readonly end: World;
  readonly ids: Ids;
  item(delivery: Delivery): Item;
  /** What the item tells; undefined where it is no fact of Clerk's. */
  told(delivery: Delivery): Fact | undefined;
  /** The id in the ledger; null for what the ledger is not told. */
  deliveryId(delivery: Delivery): string | null;
  /** What `apply_clerk_facts()` takes. */
  fact(delivery: Delivery): unknown;
  /** Calls as they were answered. */
  readonly calls: Call[];
  /** The application's writes that were made, by item: each is made once. */
  readonly written: Set<number>;
}

/** The three runs of a replay. `prefix` is in every id: no two replays share one. */
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

/** Of memberships the organizations and users too: what a membership shows of them makes no row. */
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
    // As users-sync names it: the same for every time that it finds the user gone.
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
