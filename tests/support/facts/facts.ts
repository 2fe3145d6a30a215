import type {
  MembershipDeletedFact,
  MembershipFact,
  OrganizationDeletedFact,
  OrganizationFact,
  UserDeletedFact,
  UserFact,
} from "../../../supabase/functions/_shared/facts/fact.ts";

/** A complete and plausible state of a user. `parts` replaces single columns. */
export function userFact(clerkId: string, parts: Partial<UserFact> = {}): UserFact {
  return {
    kind: "user",
    clerk_id: clerkId,
    email: "ada@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: null,
    image_url: "https://img.example.com/ada.png",
    phone: null,
    external_id: null,
    public_metadata: { plan: "pro" },
    banned: false,
    locked: false,
    last_sign_in_at: null,
    clerk_created_at: "2026-01-01T00:00:00.000Z",
    clerk_updated_at: "2026-01-02T00:00:00.000Z",
    ...parts,
  };
}

export function userDeletedFact(clerkId: string, deletedAt: string): UserDeletedFact {
  return { kind: "user_deleted", clerk_id: clerkId, deleted_at: deletedAt };
}

/** An organization's state. */
export function organizationFact(
  clerkId: string,
  parts: Partial<OrganizationFact> = {},
): OrganizationFact {
  return {
    kind: "organization",
    clerk_id: clerkId,
    name: "Analytical Engines",
    slug: "engines",
    image_url: "https://img.example.com/engines.png",
    created_by: "user_ada",
    public_metadata: { plan: "team" },
    clerk_created_at: "2026-01-01T00:00:00.000Z",
    clerk_updated_at: "2026-01-02T00:00:00.000Z",
    ...parts,
  };
}

export function organizationDeletedFact(
  clerkId: string,
  deletedAt: string,
): OrganizationDeletedFact {
  return { kind: "organization_deleted", clerk_id: clerkId, deleted_at: deletedAt };
}

/** The Clerk ids of a membership, its organization and user. */
export interface MembershipIds {
  readonly clerk_id: string;
  readonly organization_clerk_id: string;
  readonly user_clerk_id: string | null;
}

/** A membership's state. */
export function membershipFact(
  ids: MembershipIds,
  parts: Partial<MembershipFact> = {},
): MembershipFact {
  return {
    kind: "membership",
    role: "org:member",
    permissions: ["org:sys_memberships:read"],
    clerk_created_at: "2026-01-01T00:00:00.000Z",
    clerk_updated_at: "2026-01-02T00:00:00.000Z",
    ...ids,
    ...parts,
  };
}

/** A membership's deletion, with its last state. */
export function membershipDeletedFact(
  ids: MembershipIds,
  deletedAt: string,
  parts: Partial<MembershipFact> = {},
): MembershipDeletedFact {
  return { ...membershipFact(ids, parts), kind: "membership_deleted", deleted_at: deletedAt };
}

/** Ids that no other test uses. */
export function newMembershipIds(): MembershipIds & { readonly user_clerk_id: string } {
  return {
    clerk_id: newClerkId("orgmem"),
    organization_clerk_id: newClerkId("org"),
    user_clerk_id: newClerkId(),
  };
}

/** A Clerk id that no other test uses. */
export function newClerkId(prefix: "user" | "org" | "orgmem" = "user"): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}
