import { newClerkId } from "../support/facts/facts.ts";

/** An administrator and another member of the same organization. */
export const firstUser = newClerkId();
export const secondUser = newClerkId();
/** A user deleted in Clerk, whose last token is still valid. */
export const exUser = newClerkId();
/** A user deactivated by the application, but still a member in Clerk. */
export const deactivatedUser = newClerkId();
/** The only member of another organization. */
export const neighbour = newClerkId();
/** Users with an active row who are no longer in any organization. */
export const formerMember = newClerkId();
export const dismissedMember = newClerkId();
export const memberOfDeleted = newClerkId();
export const memberOfClosed = newClerkId();

/** Every user, `firstUser` first. */
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
/** An organization deleted in Clerk, and one deactivated by the application. */
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
  /** `dismissed`: deactivated by the application. `ended`: ended in Clerk. */
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

/** All present and former memberships. */
export const memberships: readonly Membership[] = [
  membership(sharedOrganization, firstUser, "active", "org:admin"),
  membership(sharedOrganization, secondUser),
  membership(sharedOrganization, exUser, "ended"),
  membership(sharedOrganization, deactivatedUser, "active", "org:admin"),
  membership(sharedOrganization, formerMember, "ended", "org:admin"),
  membership(sharedOrganization, dismissedMember, "dismissed"),
  membership(otherOrganization, neighbour, "active", "org:admin"),
  // The membership's own deletion has not come yet.
  membership(deletedOrganization, memberOfDeleted),
  membership(closedOrganization, memberOfClosed),
];

/** Clerk's ids of the active memberships in an organization. */
export function activeIn(organization: string): string[] {
  return memberships
    .filter((one) => one.organization === organization && one.state === "active")
    .map(({ clerkId }) => clerkId);
}

/** The keys of the user's own rows: the user, their active memberships and those organizations. */
export function belongingsOf(user: string): string[] {
  const active = memberships.filter((one) => one.user === user && one.state === "active");
  return [user, ...active.flatMap(({ clerkId, organization }) => [clerkId, organization])];
}
