import type { UserFact } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import type { ClerkApi } from "./api.ts";
import { clerkUnavailable, unusableAnswer } from "./failed_answer.ts";
import { describeIssues } from "./issues.ts";
import { clerkUser } from "./user.ts";

/**
 * Reads a user's current state from Clerk's Backend API.
 *
 * @returns null if Clerk says that there is no such user, which alone proves nothing; ClerkApi's
 * failures
 */
export type ReadClerkUser = (userId: string) => Promise<Result<UserFact | null>>;

export function createClerkUsers(api: ClerkApi): ReadClerkUser {
  return async (userId) => {
    const found = await api.find(`users/${encodeURIComponent(userId)}`);
    if (!found.ok) return found;
    if (found.value === undefined) return succeed(null);
    const parsed = clerkUser.safeParse(found.value);
    if (!parsed.success) {
      return clerkUnavailable("users", describeIssues(parsed.error), {
        message: "User is not as Clerk describes it",
        hint: "Find the request_id in the function's log: it names the fields",
      });
    }
    if (parsed.data.clerk_id !== userId) return unusableAnswer("users", "another user");
    return succeed(parsed.data);
  };
}
