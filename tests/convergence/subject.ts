import type { Resource } from "../support/model/columns.ts";

/** A user, organization or membership of a history, numbered from 0. */
export interface Subject {
  readonly resource: Resource;
  readonly number: number;
}

/** Gives every subject its Clerk id. */
export type Ids = (subject: Subject) => string;

export const mostUsers = 4;
/** The same in every history. The last is a user who has left and joined again. */
const pairs = [
  { organization: 0, user: 0 },
  { organization: 0, user: 1 },
  { organization: 1, user: 0 },
  { organization: 0, user: 0 },
] as const;
export const mostOrganizations = 2;
export const mostMemberships = pairs.length;

/** The organization and the user that a membership joins. */
export function ownersOf(
  { number }: Subject,
): { readonly organization: Subject; readonly user: Subject } {
  const pair = pairs[number];
  if (!pair) throw new Error(`There is no membership ${number}: add its pair`);
  return {
    organization: { resource: "organization", number: pair.organization },
    user: { resource: "user", number: pair.user },
  };
}

/** Whether the user has other memberships in the organization. A deactivation then applies to each. */
export function sharesDeactivation({ resource, number }: Subject): boolean {
  if (resource !== "membership") return false;
  const own = pairs[number];
  return pairs.filter((pair) => pair.organization === own?.organization && pair.user === own.user)
    .length > 1;
}

/** The subject as a key. */
export function keyOf({ resource, number }: Subject): string {
  return `${resource} ${number}`;
}

/** The table that holds the subject's row. */
export const tables: Readonly<Record<Resource, string>> = {
  user: "users",
  organization: "organizations",
  membership: "organization_memberships",
};
