import type { Random } from "../../tests/support/random.ts";

/** What a row must show of a user. */
export type Profile = {
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
};

/** A Clerk user as an event or the Backend API shows one, as far as any handler here reads it. */
export type ClerkUser = ReturnType<typeof userAt>;

/** An event of Clerk's about the user. */
export type ClerkEvent = {
  readonly type: "user.created" | "user.updated" | "user.deleted";
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Null for the deletion. */
  readonly state: State | null;
};

type State = {
  readonly addresses: readonly string[];
  readonly primary: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly updatedAt: number;
};

/** Everything that happened to one user, in Clerk's order. */
export type History = readonly ClerkEvent[];

const second = 1000;
const week = 7 * 24 * 3600 * second;
const signUpTime = Date.UTC(2026, 0, 1);

/**
 * A sign-up, none to four changes and, for every third user, the deletion. Every twentieth change
 * falls into the same millisecond as the one before.
 */
export function createHistory(random: Random): History {
  let state: State = {
    addresses: ["home@example.com"],
    primary: 0,
    firstName: "Ada 0",
    lastName: "Byron",
    updatedAt: signUpTime + random.below(week),
  };
  const events: ClerkEvent[] = [{ type: "user.created", timestamp: state.updatedAt, state }];
  const changes = random.below(5);
  for (let change = 1; change <= changes; change++) {
    const updatedAt = state.updatedAt + (random.chance(0.05) ? 0 : second + random.below(week));
    state = random.chance(0.4)
      ? { ...state, addresses: ["home@example.com", "work@example.com"], primary: 1, updatedAt }
      : { ...state, updatedAt };
    state = { ...state, firstName: `Ada ${change}` };
    events.push({ type: "user.updated", timestamp: updatedAt, state });
  }
  if (!random.chance(1 / 3)) return events;
  const timestamp = state.updatedAt + second + random.below(week);
  return [...events, { type: "user.deleted", timestamp, state: null }];
}

/** The event's body, as Clerk sends it. */
export function bodyOf({ type, timestamp, state }: ClerkEvent, clerkId: string): string {
  const data = state === null
    ? { id: clerkId, object: "user", deleted: true }
    : userAt(state, clerkId);
  return JSON.stringify({ object: "event", type, timestamp, data, instance_id: "ins_bench" });
}

/** The user in the state that an event gives. */
export function userAt(state: State, clerkId: string) {
  return {
    id: clerkId,
    object: "user",
    first_name: state.firstName,
    last_name: state.lastName,
    primary_email_address_id: `idn_${state.primary}`,
    email_addresses: state.addresses.map((address, index) => ({
      id: `idn_${index}`,
      email_address: address,
      verification: { status: "verified" },
    })),
    created_at: signUpTime,
    updated_at: state.updatedAt,
  };
}

/** Whether the user is deleted in the end. */
export function isDeleted(history: History): boolean {
  return history.some(({ state }) => state === null);
}

/**
 * The profiles that a row may show in the end: that of the newest state by Clerk's `updated_at`. Of
 * states with equal times nobody can tell which came last: any of them will do.
 */
export function newestProfiles(history: History): Profile[] {
  const states = history.flatMap(({ state }) => state === null ? [] : [state]);
  const newest = Math.max(...states.map(({ updatedAt }) => updatedAt));
  return states.filter(({ updatedAt }) => updatedAt === newest).map((state) => ({
    email: state.addresses[state.primary] ?? "",
    first_name: state.firstName,
    last_name: state.lastName,
  }));
}
