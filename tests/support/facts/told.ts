import { eventBody } from "../clerk/event_json.ts";
import { type MembershipIds, organizationDeletedFact, userDeletedFact } from "./facts.ts";
import {
  membershipData,
  membershipFactOf,
  type MembershipState,
  organizationData,
  organizationFactOf,
  type OrganizationState,
} from "./organization_states.ts";
import { dataOf, factOf, type UserState } from "./user_states.ts";

/** What was told of a user, an organization or a membership. Times are milliseconds since the epoch. */
export type Told =
  | { readonly kind: "state"; readonly state: UserState }
  | { readonly kind: "deletion"; readonly clerkId: string; readonly deletedAt: number }
  | { readonly kind: "organization"; readonly state: OrganizationState }
  | {
    readonly kind: "organization deletion";
    readonly clerkId: string;
    readonly deletedAt: number;
  }
  | { readonly kind: "membership"; readonly state: MembershipState }
  | {
    readonly kind: "membership deletion";
    readonly state: MembershipState;
    readonly deletedAt: number;
  };

export function subjectOf(told: Told): string {
  switch (told.kind) {
    case "deletion":
    case "organization deletion":
      return told.clerkId;
    case "membership":
    case "membership deletion":
      return told.state.ids.clerk_id;
    default:
      return told.state.clerkId;
  }
}

/** The ids of the membership that it is about, if any. */
export function membershipOf(told: Told): MembershipIds | undefined {
  return told.kind === "membership" || told.kind === "membership deletion"
    ? told.state.ids
    : undefined;
}

/** The event that tells it. */
export function eventOf(told: Told): string {
  switch (told.kind) {
    case "state":
      return eventBody("user.updated", dataOf(told.state));
    case "deletion":
      return eventBody("user.deleted", deleted("user", told.clerkId), at(told.deletedAt));
    case "organization":
      return eventBody("organization.updated", organizationData(told.state));
    case "organization deletion":
      return eventBody(
        "organization.deleted",
        deleted("organization", told.clerkId),
        at(told.deletedAt),
      );
    case "membership":
      return eventBody("organizationMembership.updated", membershipData(told.state));
    case "membership deletion":
      return eventBody(
        "organizationMembership.deleted",
        membershipData(told.state),
        at(told.deletedAt),
      );
  }
}

function deleted(object: string, id: string) {
  return { object, id, deleted: true };
}

function at(timestamp: number) {
  return { timestamp };
}

/** The fact that it is to the database. */
export function toldFact(told: Told) {
  switch (told.kind) {
    case "state":
      return factOf(told.state);
    case "deletion":
      return userDeletedFact(told.clerkId, text(told.deletedAt));
    case "organization":
      return organizationFactOf(told.state);
    case "organization deletion":
      return organizationDeletedFact(told.clerkId, text(told.deletedAt));
    case "membership":
      return membershipFactOf(told.state);
    case "membership deletion":
      return {
        ...membershipFactOf(told.state),
        kind: "membership_deleted" as const,
        deleted_at: text(told.deletedAt),
      };
  }
}

function text(time: number): string {
  return new Date(time).toISOString();
}
