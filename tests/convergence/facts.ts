/** A history's items as the functions hand them to the database, read by the functions' own code. */
import { readClerkEvent } from "../../supabase/functions/_shared/clerk_event.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk_user.ts";
import type { FactDelivery } from "../../supabase/functions/_shared/fact.ts";
import { meaningOf } from "../../supabase/functions/_shared/failure.ts";
import type { Item } from "./history.ts";
import { eventBody, userJson } from "./messages.ts";

/** A fact about anybody; `delivery` without its id, null where the ledger is not told. */
export interface FactTemplate {
  readonly fact: Readonly<Record<string, unknown>>;
  readonly delivery: Omit<FactDelivery, "id"> | null;
}

const anybody = "user_anybody";

/**
 * What an item is to the database; undefined where it is none of Clerk's.
 *
 * @param noticedAt milliseconds since the epoch: when users-sync noticed a user gone
 */
export function factTemplate(item: Item, noticedAt: number): FactTemplate | undefined {
  if (item.kind === "write") return undefined;
  if (item.kind === "gone") {
    return {
      fact: { kind: "user_deleted", deleted_at: new Date(noticedAt).toISOString() },
      delivery: { type: "user.deleted", source: "users-sync", occurred_at: null },
    };
  }
  if (item.kind === "invalid" && item.flaw === "unstorable") {
    return {
      fact: { kind: "user", clerk_updated_at: "infinity" },
      delivery: { type: "user.updated", source: "webhook", occurred_at: null },
    };
  }
  const body = eventBody(item, anybody);
  if (body === undefined) {
    return item.kind === "state"
      ? { fact: { ...clerkUser.parse(userJson(item.state, anybody)) }, delivery: null }
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
