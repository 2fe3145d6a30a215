import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import { eventBody } from "../../tests/support/clerk/event_json.ts";
import { clerkUserJson, emailAddressJson } from "../../tests/support/clerk/user_json.ts";
import { userDeletedFact, userFact } from "../../tests/support/facts/facts.ts";
import type { Random } from "../../tests/support/random.ts";

/** A Clerk user in an event or in the Backend API: the fields that the handlers here read. */
export type ClerkUser = ReturnType<typeof userAt>;

/** A webhook event about the user. */
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
 * A sign-up, up to four changes and, for one user in three, a deletion. One change in twenty falls
 * into the same millisecond as the one before.
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
  return eventBody(type, data, { timestamp });
}

/** The user as an event shows them. */
export function userAt(state: State, clerkId: string) {
  return clerkUserJson({
    id: clerkId,
    first_name: state.firstName,
    last_name: state.lastName,
    primary_email_address_id: `idn_${state.primary}`,
    email_addresses: state.addresses.map((address, index) =>
      emailAddressJson(`idn_${index}`, address)
    ),
    created_at: signUpTime,
    updated_at: state.updatedAt,
  });
}

/** The facts that the history's events carry. */
export function factsOf(history: History): Fact[] {
  const clerkId = "user_of_the_history";
  return history.map(({ state, timestamp }) =>
    state === null ? userDeletedFact(clerkId, timeText(timestamp)) : userFact(clerkId, {
      email: state.addresses[state.primary] ?? null,
      first_name: state.firstName,
      last_name: state.lastName,
      clerk_updated_at: timeText(state.updatedAt),
    })
  );
}

/** Whether the history ends with a deletion. */
export function isDeleted(history: History): boolean {
  return history.some(({ state }) => state === null);
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
