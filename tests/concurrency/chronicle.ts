import { event } from "../http/webhooks.ts";
import { subjectOf, type Told } from "./oracle.ts";
import { dataOf } from "./user_states.ts";

/** An event as Svix delivers it, however often. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly told: Told;
}

/** The delivery that tells it. */
export function deliveryOf(told: Told): Delivery {
  const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  const body = told.kind === "state"
    ? event("user.updated", dataOf(told.state))
    : event("user.deleted", { object: "user", id: told.clerkId, deleted: true }, {
      timestamp: told.deletedAt,
    });
  return { id, body, told };
}

/** Everything that was told of users nobody else knows, in whatever way. */
export interface Chronicle {
  add(told: Told): void;
  of(clerkId: string): readonly Told[];
  readonly users: readonly string[];
  /** What has been answered with success: never news again. */
  readonly acknowledged: Delivery[];
}

export function createChronicle(): Chronicle {
  const told = new Map<string, Told[]>();
  return {
    add(one) {
      const clerkId = subjectOf(one);
      told.set(clerkId, [...(told.get(clerkId) ?? []), one]);
    },
    of: (clerkId) => told.get(clerkId) ?? [],
    get users() {
      return [...told.keys()];
    },
    acknowledged: [],
  };
}
