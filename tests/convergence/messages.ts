import { clerkFields } from "./contents.ts";
import type { Flaw, Item, State } from "./history.ts";

/** Milliseconds; what an event says about itself does not matter where its data has a time. */
const eventTimestamp = Date.parse("2026-02-03T00:00:00Z");

/** A state as Clerk's Backend API gives it, and as events carry it. */
export function userJson(state: State, id: string): Record<string, unknown> {
  return {
    id,
    object: "user",
    ...clerkFields(state.content),
    private_metadata: { secret: "private" },
    last_sign_in_at: state.lastSignInAt,
    updated_at: state.updatedAt,
  };
}

/** The event that brings an item; undefined where it does not come as one. */
export function eventBody(item: Item, id: string): string | undefined {
  switch (item.kind) {
    case "state":
      if (item.source === "Backend API") return undefined;
      return event(item.source, userJson(item.state, id));
    case "deletion":
      return event("user.deleted", { id, object: "user", deleted: true }, item.at / item.unit);
    case "invalid":
      return flawedBodies[item.flaw](id);
    default:
      return undefined;
  }
}

function event(type: string, data: unknown, timestamp = eventTimestamp): string {
  return JSON.stringify({ object: "event", type, data, timestamp, instance_id: "ins_test" });
}

const flawedBodies: Readonly<Record<Flaw, (id: string) => string>> = {
  "no updated_at": (id) => event("user.updated", { id, object: "user", created_at: 1 }),
  "no id": () => event("user.created", { object: "user", created_at: 1, updated_at: 1 }),
  "no JSON": () => "{",
  // The year 10000.
  "unstorable": (id) =>
    event("user.updated", { id, object: "user", created_at: 1, updated_at: 253_402_300_800_000 }),
};
