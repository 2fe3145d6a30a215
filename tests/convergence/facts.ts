/** A history's items as the functions pass them to the database, read by the functions' own code. */
import { clerkMembership } from "../../supabase/functions/_shared/clerk/membership.ts";
import { clerkOrganization } from "../../supabase/functions/_shared/clerk/organization.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import type { Fact, FactDelivery } from "../../supabase/functions/_shared/facts/fact.ts";
import { meaningOf } from "../../supabase/functions/_shared/failure.ts";
import { readClerkEvent } from "../../supabase/functions/_shared/webhook/event.ts";
import type { Resource } from "../support/model/columns.ts";
import type { Item } from "./history.ts";
import { bodyOf, clerkJson } from "./messages.ts";
import { type Ids, keyOf, ownersOf, type Subject } from "./subject.ts";

/** A fact without its ids. `delivery` is null if the ledger does not record the fact. */
export interface FactTemplate {
  readonly fact: Readonly<Record<string, unknown>>;
  readonly delivery: Omit<FactDelivery, "id"> | null;
}

const nobody: Ids = (subject) => keyOf(subject).replace(" ", "_");

const readers: Readonly<Record<Resource, { parse(json: unknown): Fact }>> = {
  user: clerkUser,
  organization: clerkOrganization,
  membership: clerkMembership,
};

/**
 * The item as a fact; undefined if it does not come from Clerk.
 *
 * @param noticedAt when users-sync noticed that a user is gone, in milliseconds since the epoch
 */
export function factTemplate(item: Item, noticedAt: number): FactTemplate | undefined {
  if (item.kind === "write") return undefined;
  const { resource } = item.subject;
  if (item.kind === "gone") {
    return {
      fact: { kind: "user_deleted", deleted_at: new Date(noticedAt).toISOString() },
      delivery: { type: "user.deleted", source: "users-sync", occurred_at: null },
    };
  }
  if (item.kind === "invalid" && item.flaw === "unstorable") {
    return {
      fact: {
        kind: resource,
        clerk_updated_at: "infinity",
        ...(resource === "membership"
          ? { organization_clerk_id: "", user_clerk_id: "", role: "org:admin" }
          : {}),
      },
      delivery: { type: `${resource}.updated`, source: "webhook", occurred_at: null },
    };
  }
  const body = bodyOf(item, nobody);
  if (body === undefined) {
    return item.kind === "state"
      ? {
        fact: { ...readers[resource].parse(clerkJson(item.subject, item.state, nobody)) },
        delivery: null,
      }
      : undefined;
  }
  const { type, occurredAt, fact } = readClerkEvent(body, { sentAt: 0 });
  return {
    fact: fact.ok
      ? { ...fact.value }
      : { kind: "invalid", reason: meaningOf(fact.failure).message },
    delivery: { type, source: "webhook", occurred_at: occurredAt },
  };
}

/** Adds the ids to the fact. */
export function addressFact(fact: FactTemplate["fact"], subject: Subject, ids: Ids) {
  const addressed = { ...fact, clerk_id: ids(subject) };
  if (fact.organization_clerk_id === undefined) return addressed;
  const { organization, user } = ownersOf(subject);
  return {
    ...addressed,
    organization_clerk_id: ids(organization),
    user_clerk_id: fact.user_clerk_id === null ? null : ids(user),
  };
}
