import type { ClerkClient } from "@clerk/backend";
import type { DoubleAction } from "./action.ts";
import { readMembers } from "./members.ts";

type Change = Extract<DoubleAction, { action: "change_organization" }>;

/**
 * Changes an organization's name and members. After a refusal in the middle it may be asked for again.
 *
 * @throws Error of the Clerk client
 */
export async function changeOrganization(
  clerk: ClerkClient,
  { id: organizationId, name, members }: Change,
): Promise<void> {
  const { organizations } = clerk;
  const { name: before } = await organizations.getOrganization({ organizationId });
  if (name !== before) await organizations.updateOrganization(organizationId, { name });
  const roles = new Map(
    (await readMembers(clerk, organizationId)).map(({ userId, role }) => [userId, role]),
  );
  for (const { user_id: userId, role } of members) {
    const key = { organizationId, userId };
    const current = roles.get(userId) ?? null;
    if (role === current) continue;
    if (role === null) await organizations.deleteOrganizationMembership(key);
    else if (current === null) await organizations.createOrganizationMembership({ ...key, role });
    else await organizations.updateOrganizationMembership({ ...key, role });
  }
}
