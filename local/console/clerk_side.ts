import type { ClerkClient } from "@clerk/backend";
import type { ClerkView } from "./snapshot.ts";

const mostUsers = 50;
const mostOrganizations = 20;

/** Reads the newest users and organizations of the double. */
export async function readClerk(clerk: ClerkClient): Promise<Omit<ClerkView, "burst">> {
  const [users, organizations] = await Promise.all([
    clerk.users.getUserList({ limit: mostUsers, orderBy: "-created_at" }),
    clerk.organizations.getOrganizationList({
      limit: mostOrganizations,
      orderBy: "-created_at",
      includeMembersCount: true,
    }),
  ]);
  return {
    users: users.data.map((user) => ({
      id: user.id,
      firstName: user.firstName ?? "",
      lastName: user.lastName ?? "",
      emails: user.emailAddresses.map(({ id, emailAddress }) => ({ id, address: emailAddress })),
      primaryEmailId: user.primaryEmailAddressId,
      banned: user.banned,
    })),
    userCount: users.totalCount,
    organizations: organizations.data.map(({ id, name, membersCount }) => ({
      id,
      name,
      members: membersCount ?? 0,
    })),
  };
}
