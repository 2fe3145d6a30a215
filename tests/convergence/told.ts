/** The facts in a history's items, worked out independently of the functions' own code. */
import type { Fact, UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import {
  membershipDeletedFact,
  membershipFact,
  organizationDeletedFact,
  organizationFact,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";
import type { State as StateFact } from "../support/model/columns.ts";
import { columnsOf } from "./contents.ts";
import type { DeletionItem, Item, State } from "./history.ts";
import { type Ids, ownersOf, type Subject } from "./subject.ts";

/**
 * The fact that an item brings; undefined if it brings none.
 *
 * @param noticedAt when users-sync noticed that a user is gone, in milliseconds since the epoch
 */
export function toldBy(item: Item, ids: Ids, noticedAt: number): Fact | undefined {
  switch (item.kind) {
    case "state":
      return stateFact(item.subject, item.state, ids);
    case "deletion":
      return deletionFact(item, ids);
    case "gone":
      return userDeletedFact(ids(item.subject), timeText(noticedAt));
    default:
      return undefined;
  }
}

function stateFact(subject: Subject, state: State, ids: Ids): StateFact {
  const columns = {
    ...columnsOf(subject.resource, state.content),
    clerk_updated_at: timeText(state.updatedAt),
  };
  switch (subject.resource) {
    case "user":
      return userFact(ids(subject), { ...columns, ...signInOf(state) });
    case "organization":
      return organizationFact(ids(subject), columns);
    case "membership":
      return membershipFact(membershipIds(subject, state, ids), columns);
  }
}

function deletionFact({ subject, at, last }: DeletionItem, ids: Ids): Fact {
  const deletedAt = timeText(at);
  if (subject.resource === "user") return userDeletedFact(ids(subject), deletedAt);
  if (subject.resource === "organization") return organizationDeletedFact(ids(subject), deletedAt);
  if (last === null) throw new Error("Give the membership's deletion its last state");
  return membershipDeletedFact(membershipIds(subject, last, ids), deletedAt, {
    ...columnsOf("membership", last.content),
    clerk_updated_at: timeText(last.updatedAt),
  });
}

function signInOf({ lastSignInAt }: State): Pick<UserFact, "last_sign_in_at"> {
  return { last_sign_in_at: lastSignInAt === null ? null : timeText(lastSignInAt) };
}

function membershipIds(subject: Subject, { namesUser }: State, ids: Ids) {
  const { organization, user } = ownersOf(subject);
  return {
    clerk_id: ids(subject),
    organization_clerk_id: ids(organization),
    user_clerk_id: namesUser ? ids(user) : null,
  };
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
