import { eventOf, subjectOf, type Told } from "./told.ts";

/** An event as Svix delivers it, however often. */
export interface Delivery {
  readonly id: string;
  readonly body: string;
  readonly told: Told;
}

/** The delivery that tells it. */
export function deliveryOf(told: Told): Delivery {
  const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  return { id, body: eventOf(told), told };
}

/** Everything that was told, in whatever way, of users, organizations and memberships nobody else knows. */
export interface Chronicle {
  add(told: Told): void;
  of(clerkId: string): readonly Told[];
  readonly users: readonly string[];
  /** Whatever else was told of: ids of organizations and memberships. */
  readonly others: readonly string[];
  /** What has been answered with success: never news again. */
  readonly acknowledged: Delivery[];
}

const isUser = (id: string) => id.startsWith("user_");

export function createChronicle(): Chronicle {
  const told = new Map<string, Told[]>();
  return {
    add(one) {
      const clerkId = subjectOf(one);
      told.set(clerkId, [...(told.get(clerkId) ?? []), one]);
    },
    of: (clerkId) => told.get(clerkId) ?? [],
    get users() {
      return [...told.keys()].filter(isUser);
    },
    get others() {
      return [...told.keys()].filter((id) => !isUser(id));
    },
    acknowledged: [],
  };
}
