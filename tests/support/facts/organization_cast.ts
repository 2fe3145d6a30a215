import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import type { Random } from "../random.ts";
import { anyMembershipFact, anyOrganizationFact } from "./any_facts.ts";
import { type MembershipIds, newClerkId, organizationDeletedFact } from "./facts.ts";

/** Organizations and memberships that exist only in a test. */
export interface OrganizationCast {
  readonly organizations: readonly string[];
  /** The organizations that get deleted. */
  readonly deletedOrganizations: readonly string[];
  /** Two for every user in every organization, as if the user had left and joined again. */
  readonly memberships: readonly MembershipIds[];
}

export function castOrganizations(users: readonly string[]): OrganizationCast {
  const two = () => [newClerkId("org"), newClerkId("org")];
  const deletedOrganizations = two();
  const organizations = [...two(), ...deletedOrganizations];
  const memberships = [...users, ...users].flatMap((user_clerk_id) =>
    organizations.map((organization_clerk_id) => ({
      clerk_id: newClerkId("orgmem"),
      organization_clerk_id,
      user_clerk_id,
    }))
  );
  return { organizations, deletedOrganizations, memberships };
}

const day = 86_400_000;

/** A moment this many days ago, plus up to an hour. */
export function anyTimeAgo(days: number, random: Random): string {
  return new Date(Date.now() - days * day - 1000 * random.below(3600)).toISOString();
}

/** A random fact about one of the organizations or memberships. */
export function anyOrganizationNews(cast: OrganizationCast, random: Random): Fact {
  const deletedAt = anyTimeAgo(1, random);
  if (random.chance(0.2)) {
    const clerkId = random.pick(cast.organizations);
    return cast.deletedOrganizations.includes(clerkId) && random.chance(0.3)
      ? organizationDeletedFact(clerkId, deletedAt)
      : anyOrganizationFact(clerkId, random);
  }
  const membership = anyMembershipFact(random.pick(cast.memberships), random);
  return random.chance(0.05)
    ? { ...membership, kind: "membership_deleted", deleted_at: deletedAt }
    : membership;
}
