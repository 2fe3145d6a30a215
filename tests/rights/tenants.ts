import { newClerkId } from "../support/facts/facts.ts";

/** Users with a row of their own, members of the same organization: its administrator, and another. */
export const firstUser = newClerkId();
export const secondUser = newClerkId();
/** A user whose row is inactive: deleted in Clerk, their last token still alive. */
export const exUser = newClerkId();
/** Whom the application has deactivated; still a member in Clerk. */
export const deactivatedUser = newClerkId();
/** The only member of another organization. */
export const neighbour = newClerkId();
/** Users with a row of their own who are in no organization any more. */
export const formerMember = newClerkId();
export const dismissedMember = newClerkId();
export const memberOfDeleted = newClerkId();
export const memberOfClosed = newClerkId();

/** Every user, the first one first. */
export const users: readonly string[] = [
  firstUser,
  secondUser,
  exUser,
  deactivatedUser,
  neighbour,
  formerMember,
  dismissedMember,
  memberOfDeleted,
  memberOfClosed,
];

export const sharedOrganization = newClerkId("org");
export const otherOrganization = newClerkId("org");
/** Deleted in Clerk, and one that the application has deactivated. */
export const deletedOrganization = newClerkId("org");
export const closedOrganization = newClerkId("org");

export const organizations: readonly string[] = [
  sharedOrganization,
  otherOrganization,
  deletedOrganization,
  closedOrganization,
];

export interface Membership {
  readonly clerkId: string;
  readonly organization: string;
  readonly user: string;
  readonly role: string;
  /** `dismissed`: deactivated by the application; `ended`: in Clerk. */
  readonly state: "active" | "dismissed" | "ended";
}

function membership(
  organization: string,
  user: string,
  state: Membership["state"] = "active",
  role = "org:member",
): Membership {
  return { clerkId: newClerkId("orgmem"), organization, user, role, state };
}

/** Who was ever in which organization. */
export const memberships: readonly Membership[] = [
  membership(sharedOrganization, firstUser, "active", "org:admin"),
  membership(sharedOrganization, secondUser),
  membership(sharedOrganization, exUser, "ended"),
  membership(sharedOrganization, deactivatedUser, "active", "org:admin"),
  membership(sharedOrganization, formerMember, "ended", "org:admin"),
  membership(sharedOrganization, dismissedMember, "dismissed"),
  membership(otherOrganization, neighbour, "active", "org:admin"),
  // Whose own deletion has not come yet.
  membership(deletedOrganization, memberOfDeleted),
  membership(closedOrganization, memberOfClosed),
];

/** Clerk's ids of the active memberships in an organization. */
export function activeIn(organization: string): string[] {
  return memberships
    .filter((one) => one.organization === organization && one.state === "active")
    .map(({ clerkId }) => clerkId);
}

/** The user, their active organizations and their own memberships in them: what is theirs, by key. */
export function belongingsOf(user: string): string[] {
  const active = memberships.filter((one) => one.user === user && one.state === "active");
  return [user, ...active.flatMap(({ clerkId, organization }) => [clerkId, organization])];
}
