import type { ClerkClient } from "@clerk/backend";
import type { MemberView } from "./snapshot.ts";

/** The most that Clerk lists at once. */
const mostMembers = 500;

/** Reads an organization's members, the newest first. */
export async function readMembers(
  clerk: ClerkClient,
  organizationId: string,
): Promise<MemberView[]> {
  const { data } = await clerk.organizations.getOrganizationMembershipList({
    organizationId,
    limit: mostMembers,
  });
  return data.flatMap(({ role, publicUserData: user }) =>
    user ? [{ userId: user.userId, role, ...wordsFor(user) }] : []
  );
}

interface PublicUser {
  readonly userId: string;
  readonly identifier: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

function wordsFor({ userId, identifier, firstName, lastName }: PublicUser) {
  const name = [firstName, lastName].filter((part) => part !== null && part !== "").join(" ");
  return { name: name || userId, identifier };
}
