import type * as z from "zod/mini";
import { clerkMembership } from "../clerk/membership.ts";
import { clerkOrganization } from "../clerk/organization.ts";
import { clerkUser } from "../clerk/user.ts";
import type { StateFact } from "../facts/fact.ts";

/** The names of the resources, as facts and the SQL functions have them. */
export const resourceNames = ["user", "organization", "membership"] as const;
export type ResourceName = typeof resourceNames[number];

/** How the Backend API lists a resource. */
export interface Resource {
  readonly name: ResourceName;
  /** Follows the version. */
  readonly path: string;
  readonly object: z.ZodMiniType<StateFact>;
}

export const resources: Readonly<Record<ResourceName, Resource>> = {
  user: { name: "user", path: "users", object: clerkUser },
  organization: { name: "organization", path: "organizations", object: clerkOrganization },
  membership: { name: "membership", path: "organization_memberships", object: clerkMembership },
};
