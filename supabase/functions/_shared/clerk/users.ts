import type { UserFact } from "../facts/fact.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { ClerkApi } from "./api.ts";
import { describeIssues } from "./issues.ts";
import { clerkUser } from "./user.ts";

/**
 * Reads a user's present state from Clerk's Backend API.
 *
 * @returns null where Clerk says that there is no such user, which by itself proves nothing; failures are
 * those of ClerkApi
 */
export type ReadClerkUser = (userId: string) => Promise<Result<UserFact | null>>;

export function createClerkUsers(api: ClerkApi): ReadClerkUser {
  return async (userId) => {
    const found = await api.find(`users/${encodeURIComponent(userId)}`);
    if (!found.ok) return found;
    if (found.value === undefined) return succeed(null);
    const parsed = clerkUser.safeParse(found.value);
    if (!parsed.success) return unreadable(describeIssues(parsed.error));
    return parsed.data.clerk_id === userId ? succeed(parsed.data) : unreadable("another user");
  };
}

function unreadable(reason: string): Result<never> {
  return fail("clerk_unavailable", { reason: `users: ${reason}` });
}
