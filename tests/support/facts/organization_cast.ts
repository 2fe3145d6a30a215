import type { Random } from "../random.ts";
import { type MembershipIds, newClerkId } from "./facts.ts";
import { anyMembershipState, anyOrganizationState } from "./organization_states.ts";
import type { Told } from "./told.ts";

export interface OrganizationCast {
  readonly organizations: readonly string[];
  /** Those of them that are deleted in the end. */
  readonly deletedOrganizations: readonly string[];
  /** Of every user in every organization, twice, one after the other. */
  readonly memberships: readonly MembershipIds[];
}

function some(count: number, prefix?: "org"): string[] {
  return Array.from({ length: count }, () => newClerkId(prefix));
}

export function castOrganizations(users: readonly string[]): OrganizationCast {
  const deletedOrganizations = some(2, "org");
  const organizations = [...some(2, "org"), ...deletedOrganizations];
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

/** News of an organization or of somebody's membership in one. */
export function anyOrganizationNews(cast: OrganizationCast, random: Random): Told {
  const deletedAt = Date.now() - day - 1000 * random.below(3600);
  if (random.chance(0.2)) {
    const clerkId = random.pick(cast.organizations);
    return cast.deletedOrganizations.includes(clerkId) && random.chance(0.3)
      ? { kind: "organization deletion", clerkId, deletedAt }
      : { kind: "organization", state: anyOrganizationState(clerkId, random) };
  }
  const state = anyMembershipState(random.pick(cast.memberships), random);
  return random.chance(0.05)
    ? { kind: "membership deletion", state, deletedAt }
    : { kind: "membership", state };
}
