/**
 * Random states. All columns come from one token, so that a row mixed from two states is noticed. There
 * are few times, so that states with equal times occur.
 */
import type {
  Fact,
  MembershipFact,
  OrganizationFact,
  UserFact,
} from "../../../supabase/functions/_shared/facts/fact.ts";
import type { Random } from "../random.ts";
import { membershipFact, type MembershipIds, organizationFact, userFact } from "./facts.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");

function anyTime(random: Random, seconds = 200): string {
  return new Date(start + 1000 * random.below(seconds)).toISOString();
}

export function anyUserFact(clerkId: string, random: Random): UserFact {
  return userFactOf(clerkId, random.token(), {
    clerk_updated_at: anyTime(random),
    last_sign_in_at: random.chance(0.5) ? null : anyTime(random, 3),
  });
}

/** A user's state with all columns made from this token. */
export function userFactOf(clerkId: string, token: string, parts: Partial<UserFact>): UserFact {
  return userFact(clerkId, {
    email: `${token}@example.com`,
    first_name: token,
    last_name: token,
    username: token,
    image_url: `https://img.example.com/${token}`,
    external_id: token,
    public_metadata: { token },
    ...parts,
  });
}

export function anyOrganizationFact(clerkId: string, random: Random): OrganizationFact {
  const token = random.token();
  return organizationFact(clerkId, {
    name: token,
    slug: token,
    image_url: `https://img.example.com/${token}`,
    created_by: token,
    public_metadata: { token },
    clerk_updated_at: anyTime(random),
  });
}

/** Some states leave the user out, as Clerk may. */
export function anyMembershipFact(ids: MembershipIds, random: Random): MembershipFact {
  const named = random.chance(0.8) ? ids : { ...ids, user_clerk_id: null };
  const token = random.token();
  return membershipFact(named, {
    role: token,
    permissions: [token, "org:sys_memberships:read"].sort(),
    clerk_updated_at: anyTime(random),
  });
}

/** The token that a random state is made from; null for a deletion of a user or an organization. */
export function tokenOf(fact: Fact): string | null {
  switch (fact.kind) {
    case "user":
      return fact.first_name;
    case "organization":
      return fact.name;
    case "membership":
    case "membership_deleted":
      return fact.role;
    default:
      return null;
  }
}
