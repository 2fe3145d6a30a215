import { z } from "zod";
import { clerkMembership } from "../clerk/membership.ts";
import { clerkOrganization } from "../clerk/organization.ts";
import { clerkUser } from "../clerk/user.ts";
import { clerkId } from "../clerk/values.ts";
import type {
  Fact,
  MembershipDeletedFact,
  OrganizationDeletedFact,
  UserDeletedFact,
} from "../facts/fact.ts";

/** The end of a resource, without its time: that stands beside the object. */
export type Deletion =
  | Omit<UserDeletedFact, "deleted_at">
  | Omit<OrganizationDeletedFact, "deleted_at">
  | Omit<MembershipDeletedFact, "deleted_at">;

/** What the `data` of a resource's events is read as. */
export interface Resource {
  /** Of an event that something was created or updated. */
  readonly state: z.ZodType<Fact>;
  /** Of an event that something was deleted; null where it does not say what. */
  readonly deletion: z.ZodType<Deletion | null>;
}

/** By the prefix of their events: "user" for "user.created", "user.updated" and "user.deleted". */
export const resources: ReadonlyMap<string, Resource> = new Map([
  ["user", { state: clerkUser, deletion: bareDeletion("user_deleted") }],
  ["organization", { state: clerkOrganization, deletion: bareDeletion("organization_deleted") }],
  ["organizationMembership", { state: clerkMembership, deletion: wholeMembership() }],
]);

/** Only the id, which Clerk's schema lets be absent. */
function bareDeletion(kind: "user_deleted" | "organization_deleted"): Resource["deletion"] {
  return z.object({ id: clerkId.nullish() })
    .transform(({ id }) => id ? { kind, clerk_id: id } : null);
}

/** A deleted membership comes whole. */
function wholeMembership(): Resource["deletion"] {
  return clerkMembership.transform((membership) => ({ ...membership, kind: "membership_deleted" }));
}
