import { eventBody } from "../support/clerk/event_json.ts";
import type { Resource } from "../support/model/columns.ts";
import { clerkFields } from "./contents.ts";
import type { Flaw, Item, State } from "./history.ts";
import { type Ids, ownersOf, type Subject } from "./subject.ts";

/** Milliseconds. An event's own time does not matter if its data has one. */
const eventTimestamp = Date.parse("2026-02-03T00:00:00Z");

/** How the types of events begin. */
const eventPrefixes: Readonly<Record<Resource, string>> = {
  user: "user",
  organization: "organization",
  membership: "organizationMembership",
};

type Json = Record<string, unknown>;

/** A state as in Clerk's Backend API and in events. */
export function clerkJson(subject: Subject, state: State, ids: Ids): Json {
  const fields = clerkFields(subject.resource, state.content);
  return {
    id: ids(subject),
    object: subject.resource,
    ...fields,
    ...(subject.resource === "membership" ? ownersJson(subject, state, fields, ids) : {}),
    private_metadata: { secret: "private" },
    last_sign_in_at: state.lastSignInAt,
    updated_at: state.updatedAt,
  };
}

/** What a membership shows of its organization and user. */
function ownersJson(subject: Subject, state: State, fields: Json, ids: Ids): Json {
  const { organization, user } = ownersOf(subject);
  return {
    organization: Object.assign({}, fields.organization, { id: ids(organization) }),
    ...(state.namesUser
      ? { public_user_data: { user_id: ids(user), first_name: "Embedded", identifier: "e" } }
      : {}),
  };
}

/** The event that brings an item; undefined if it does not come as an event. */
export function bodyOf(item: Item, ids: Ids): string | undefined {
  const { subject } = item;
  const prefix = eventPrefixes[subject.resource];
  switch (item.kind) {
    case "state":
      if (item.source === "Backend API") return undefined;
      return event(`${prefix}.${item.source}`, clerkJson(subject, item.state, ids));
    case "deletion": {
      const data = item.last
        ? clerkJson(subject, item.last, ids)
        : { id: ids(subject), object: subject.resource, deleted: true };
      return event(`${prefix}.deleted`, data, item.at / item.unit);
    }
    case "invalid":
      return flawedBodies[item.flaw](prefix, ids(subject));
    default:
      return undefined;
  }
}

function event(type: string, data: unknown, timestamp = eventTimestamp): string {
  return eventBody(type, data, { timestamp });
}

const flawedBodies: Readonly<Record<Flaw, (prefix: string, id: string) => string>> = {
  "no updated_at": (prefix, id) => event(`${prefix}.updated`, { id, created_at: 1 }),
  "no id": (prefix) => event(`${prefix}.created`, { created_at: 1, updated_at: 1 }),
  "no JSON": () => "{",
  // The year 10000.
  "unstorable": (prefix, id) =>
    event(`${prefix}.updated`, { id, created_at: 1, updated_at: 253_402_300_800_000 }),
};
