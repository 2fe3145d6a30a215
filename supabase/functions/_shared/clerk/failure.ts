import { z } from "zod";
import { fail, type Result } from "../failure.ts";
import { parseExactJson } from "../facts/exact_json.ts";

/** Seconds that anybody is told to wait: a wrong Retry-After must not lock users out for a day. */
const longestWait = 60;

const clerkErrors = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/**
 * What an answer of Clerk's means that does not hold what was asked for.
 *
 * @param subject what was asked, for the log: it names no person
 * @param now milliseconds since the epoch
 * @returns `clerk_rate_limited` with the seconds to wait, `server_misconfigured` where the secret key is
 * refused, else `clerk_unavailable`
 */
export function clerkFailure(
  { status, headers }: Response,
  subject: string,
  now: number,
): Result<never> {
  if (status === 429) {
    const retryAfter = secondsToWait(headers.get("retry-after"), now);
    return fail("clerk_rate_limited", { retryAfter });
  }
  if (status === 401 || status === 403) {
    return fail("server_misconfigured", { message: "CLERK_SECRET_KEY was refused by Clerk" });
  }
  return clerkUnavailable(subject, `HTTP ${status}`);
}

/**
 * Clerk does not answer, or not what can be relied on: `clerk_unavailable`.
 *
 * @param subject what was asked, and `reason` what is wrong, for the log: they name no person
 */
export function clerkUnavailable(subject: string, reason: string, hint?: string): Result<never> {
  return fail("clerk_unavailable", {
    reason: `${subject}: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Whether Clerk says that there is no such object: a 404 without its code comes from something else there. */
export function saysNotFound(status: number, body: string): boolean {
  if (status !== 404) return false;
  const parsed = clerkErrors.safeParse(parseExactJson(body));
  return parsed.data?.errors[0]?.code === "resource_not_found";
}

/** `Retry-After` is a number of seconds or a date. */
function secondsToWait(retryAfter: string | null, now: number): number {
  const text = retryAfter?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Math.min(longestWait, Math.max(1, seconds || 1));
}
