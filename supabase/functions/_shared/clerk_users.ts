import { createClerkClient } from "@clerk/backend";
import { z } from "zod";
import { clerkUser } from "./clerk_user.ts";
import type { ClerkApiSettings } from "./environment.ts";
import type { UserFact } from "./fact.ts";
import { fail, type Result, succeed } from "./failure.ts";
import { describeIssues } from "./issues.ts";
import { TimeLimitExceeded, upstreamTimeLimit, withinTimeLimit } from "./time_limit.ts";

/**
 * Reads a user's present state from Clerk's Backend API.
 *
 * @returns `clerk_user_not_found`, `clerk_rate_limited`, `clerk_unavailable`, or `server_misconfigured`
 * where Clerk refuses the secret key
 */
export type ReadClerkUser = (userId: string) => Promise<Result<UserFact>>;

const apiError = z.object({
  status: z.number().optional(),
  retryAfter: z.number().optional(),
  errors: z.array(z.object({ code: z.string() })),
});

export function createClerkUsers(settings: ClerkApiSettings): ReadClerkUser {
  const clerk = createClerkClient({ ...settings, telemetry: { disabled: true } });

  return async (userId) => {
    try {
      const user = await withinTimeLimit(clerk.users.getUser(userId), upstreamTimeLimit);
      const parsed = clerkUser.safeParse(user.raw);
      if (parsed.success) return succeed(parsed.data);
      return unavailable(`user: ${describeIssues(parsed.error)}`);
    } catch (error) {
      return failureOf(error);
    }
  };
}

function failureOf(error: unknown): Result<never> {
  if (error instanceof TimeLimitExceeded) return unavailable("user: timeout");
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return unavailable("user: not an answer of Clerk's");
  const { status, retryAfter, errors } = parsed.data;
  const code = errors[0]?.code;
  // A 404 without Clerk's own code comes from something else at that address.
  if (status === 404 && code === "resource_not_found") return fail("clerk_user_not_found");
  if (status === 429) return fail("clerk_rate_limited", { retryAfter: retryAfter ?? 1 });
  if (status === 401 || status === 403) {
    return fail("server_misconfigured", { message: "CLERK_SECRET_KEY was refused by Clerk" });
  }
  return unavailable(`user: HTTP ${status ?? "none"}`);
}

function unavailable(reason: string): Result<never> {
  return fail("clerk_unavailable", { reason });
}
