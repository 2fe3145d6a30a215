import * as z from "zod/mini";
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

/** A deletion without its time, which the event has outside of `data`. */
export type Deletion =
  | Omit<UserDeletedFact, "deleted_at">
  | Omit<OrganizationDeletedFact, "deleted_at">
  | Omit<MembershipDeletedFact, "deleted_at">;

/** Parses the `data` of a resource's events. */
export interface Resource {
  /** Parses the data of created and updated events. */
  readonly state: z.ZodMiniType<Fact>;
  /** Parses a deletion event's data. Null if it does not name what was deleted. */
  readonly deletion: z.ZodMiniType<Deletion | null>;
}

/** By prefix of their events: "user" for "user.created", "user.updated" and "user.deleted". */
export const resources: ReadonlyMap<string, Resource> = new Map([
  ["user", { state: clerkUser, deletion: bareDeletion("user_deleted") }],
  ["organization", { state: clerkOrganization, deletion: bareDeletion("organization_deleted") }],
  ["organizationMembership", { state: clerkMembership, deletion: wholeMembership() }],
]);

/** Reads only the id, which is optional in Clerk's schema. */
function bareDeletion(kind: "user_deleted" | "organization_deleted"): Resource["deletion"] {
  return z.pipe(
    z.object({ id: z.nullish(clerkId) }),
    z.transform(({ id }) => id ? { kind, clerk_id: id } : null),
  );
}

/** A membership's deletion event has the whole membership. */
function wholeMembership(): Resource["deletion"] {
  return z.pipe(
    clerkMembership,
    z.transform((membership): Deletion => ({ ...membership, kind: "membership_deleted" })),
  );
}
