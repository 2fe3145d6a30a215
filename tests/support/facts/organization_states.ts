import type {
  MembershipFact,
  OrganizationFact,
} from "../../../supabase/functions/_shared/facts/fact.ts";
import type { Random } from "../random.ts";
import { membershipFact, type MembershipIds, organizationFact } from "./facts.ts";

/** A state of an organization that nobody but the test knows; every column comes from the token. */
export interface OrganizationState {
  readonly clerkId: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** A state of a membership. */
export interface MembershipState {
  readonly ids: MembershipIds;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

const createdAt = Date.parse("2026-01-01T00:00:00.000Z");

/** A time out of few, so that states of equal time occur. */
const anyTime = (random: Random) => createdAt + 1000 * random.below(200);

export function anyOrganizationState(clerkId: string, random: Random): OrganizationState {
  return { clerkId, token: random.token(), updatedAt: anyTime(random) };
}

/** Some leave the user out, as Clerk may. */
export function anyMembershipState(ids: MembershipIds, random: Random): MembershipState {
  const named = random.chance(0.8) ? ids : { ...ids, user_clerk_id: null };
  return { ids: named, token: random.token(), updatedAt: anyTime(random) };
}

/** The data of an event that tells an organization's state. */
export function organizationData({ clerkId, token, updatedAt }: OrganizationState) {
  return {
    id: clerkId,
    object: "organization",
    name: token,
    slug: token,
    image_url: `https://img.example.com/${token}`,
    created_by: token,
    public_metadata: { token },
    private_metadata: { secret: "private" },
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

/** The data of an event that tells a membership's state. What it shows of others is newer than they are. */
export function membershipData({ ids, token, updatedAt }: MembershipState) {
  const shown = { clerkId: ids.organization_clerk_id, token: "embedded", updatedAt: 4e12 };
  return {
    id: ids.clerk_id,
    object: "organization_membership",
    role: token,
    permissions: [token, "org:sys_memberships:read"],
    organization: organizationData(shown),
    ...(ids.user_clerk_id === null
      ? {}
      : { public_user_data: { user_id: ids.user_clerk_id, first_name: "Embedded" } }),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

/** The fact that tells an organization's state. */
export function organizationFactOf(
  { clerkId, token, updatedAt }: OrganizationState,
): OrganizationFact {
  return organizationFact(clerkId, {
    name: token,
    slug: token,
    image_url: `https://img.example.com/${token}`,
    created_by: token,
    public_metadata: { token },
    clerk_created_at: new Date(createdAt).toISOString(),
    clerk_updated_at: new Date(updatedAt).toISOString(),
  });
}

/** The fact that tells a membership's state. */
export function membershipFactOf({ ids, token, updatedAt }: MembershipState): MembershipFact {
  return membershipFact(ids, {
    role: token,
    permissions: [token, "org:sys_memberships:read"].sort(),
    clerk_created_at: new Date(createdAt).toISOString(),
    clerk_updated_at: new Date(updatedAt).toISOString(),
  });
}
