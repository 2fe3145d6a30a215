type Fields = Readonly<Record<string, unknown>>;

/** An organization as in Clerk's events and its Backend API. */
export function clerkOrganizationJson(changes: Fields = {}): Fields {
  return {
    id: "org_engines",
    object: "organization",
    name: "Analytical Engines",
    slug: "engines",
    image_url: "https://img.clerk.com/engines",
    has_image: true,
    members_count: 2,
    pending_invitations_count: 0,
    max_allowed_memberships: 5,
    admin_delete_enabled: true,
    created_by: "user_ada",
    public_metadata: { plan: "team" },
    private_metadata: { notes: "private" },
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_600_123,
    ...changes,
  };
}

/** A membership as in Clerk's events and its Backend API, with its organization and user. */
export function clerkMembershipJson(changes: Fields = {}): Fields {
  return {
    id: "orgmem_ada",
    object: "organization_membership",
    role: "org:admin",
    role_name: "Admin",
    permissions: ["org:sys_profile:manage", "org:sys_memberships:read"],
    public_metadata: { title: "Countess" },
    private_metadata: { notes: "private" },
    organization: clerkOrganizationJson({ name: "An older name" }),
    public_user_data: publicUserData("user_ada"),
    created_at: 1_700_000_100_000,
    updated_at: 1_700_000_200_456,
    ...changes,
  };
}

const olderName: Fields = { name: "An older name", slug: "older" };

/** The fields that name a membership's user and organization. `shown` is the organization's copy. */
export function joining(user: string, organization: string, shown = olderName): Fields {
  return {
    organization: clerkOrganizationJson({ id: organization, ...shown }),
    public_user_data: publicUserData(user),
  };
}

function publicUserData(user: string): Fields {
  return {
    user_id: user,
    first_name: "Ada",
    last_name: null,
    image_url: "https://img.clerk.com/ada",
    has_image: true,
    identifier: "work@example.com",
  };
}

export const deletedOrganizationJson: Fields = {
  id: "org_engines",
  object: "organization",
  slug: "engines",
  deleted: true,
};
