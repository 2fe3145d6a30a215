import { type FactTemplate, factTemplate } from "./facts.ts";
import type { History, Item, Plan, Replay } from "./history.ts";
import { type Batches, type Delivery, schedule } from "./schedule.ts";

/** One call's items of one history, and what became of them. */
export interface Call {
  readonly deliveries: readonly Delivery[];
  readonly outcomes: readonly string[];
  /** Some item of the call, perhaps another history's, was rejected: then items are applied one by one. */
  readonly oneByOne: boolean;
}

/** A history on its way to the database by one plan, with Clerk ids of its own. */
export interface HistoryRun {
  /** Tells which it is, in messages. */
  readonly name: string;
  readonly history: History;
  readonly plan: Plan;
  readonly writers: readonly Batches[];
  readonly users: readonly number[];
  clerkId(user: number): string;
  item(delivery: Delivery): Item;
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
  return plans.map((plan, number) => createRun(history, templates, plan, `${prefix}_${number}`));
}

function createRun(
  history: History,
  templates: readonly (FactTemplate | undefined)[],
  plan: Plan,
  name: string,
): HistoryRun {
  const clerkId = (user: number) => `user_${name}_${user}`;

  function item({ item }: Delivery): Item {
    const found = history[item];
    if (!found) throw new Error(`The history has no item ${item}`);
    return found;
  }

  function deliveryId(delivery: Delivery): string | null {
    const { kind, user } = item(delivery);
    // As users-sync names it: the same for every time that it finds the user gone.
    if (kind === "gone") return `users-sync_${clerkId(user)}`;
    return templates[delivery.item]?.delivery
      ? `msg_${name}_${delivery.item}_${delivery.copy}`
      : null;
  }

  return {
    name,
    history,
    plan,
    writers: schedule(history, plan),
    users: [...new Set(history.map(({ user }) => user))],
    clerkId,
    item,
    deliveryId,
    fact(delivery) {
      const template = templates[delivery.item];
      const id = deliveryId(delivery);
      return {
        ...template?.fact,
        clerk_id: clerkId(item(delivery).user),
        ...(id === null ? {} : { delivery: { ...template?.delivery, id } }),
      };
    },
    calls: [],
    written: new Set(),
  };
}
