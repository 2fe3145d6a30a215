/**
 * What a failed answer of Clerk's means. Which status our caller then gets is in `failure.ts`. How a
 * backfill or reconcile waits and asks again is in `listing/paced_api.ts`.
 */
import * as z from "zod/mini";
import { fail, type Failure, type Result } from "../failure.ts";
import { parseExactJson } from "../facts/exact_json.ts";

/** Seconds that a caller waits at most: a wrong Retry-After must not lock users out for a day. */
const longestWait = 60;

const clerkErrors = z.object({
  errors: z.array(z.object({ code: z.string() })).check(z.minLength(1)),
});

/**
 * Turns an answer that lacks what was asked for into a failure.
 *
 * @param subject what was asked for, for the log; must not name a person
 * @param now milliseconds since the epoch
 * @returns `clerk_rate_limited` with the seconds to wait, `server_misconfigured` if Clerk refuses
 * the secret key, else `clerk_unavailable`
 */
export function clerkFailure(
  { status, headers }: Response,
  body: string,
  subject: string,
  now: number,
): Result<never> {
  if (status === 429) {
    const retryAfter = secondsToWait(headers.get("retry-after"), now);
    return fail("clerk_rate_limited", { retryAfter });
  }
  // Without Clerk's code, a firewall or another server at that address has refused the request.
  if ((status === 401 || status === 403) && codeIn(body) !== undefined) {
    return fail("server_misconfigured", { message: "CLERK_SECRET_KEY was refused by Clerk" });
  }
  return clerkUnavailable(subject, `HTTP ${status}`);
}

/**
 * `clerk_unavailable`: Clerk gave no answer, or none that can be relied on.
 *
 * @param subject what was asked for; must not name a person
 * @param reason what is wrong, for the log; must not name a person
 * @param details for the caller. Without a message, Clerk was not reached
 */
export function clerkUnavailable(
  subject: string,
  reason: string,
  details: Pick<Failure, "message" | "hint"> = {},
): Result<never> {
  return fail("clerk_unavailable", { ...details, reason: `${subject}: ${reason}` });
}

/** `clerk_unavailable`: an answer came, perhaps not from Clerk, and cannot be relied on. */
export function unusableAnswer(subject: string, reason: string): Result<never> {
  return clerkUnavailable(subject, reason, { message: "Clerk's answer cannot be used" });
}

/**
 * Whether Clerk says that there is no such object. A 404 without Clerk's code comes from something
 * else at that address.
 */
export function saysNotFound(status: number, body: string): boolean {
  return status === 404 && codeIn(body) === "resource_not_found";
}

/** Whether Clerk says that the instance has no organizations: the feature is switched off. */
export function saysOrganizationsOff(status: number, body: string): boolean {
  return status === 403 && codeIn(body) === "organization_not_enabled_in_instance";
}

function codeIn(body: string): string | undefined {
  return clerkErrors.safeParse(readJson(body)).data?.errors[0]?.code;
}

function readJson(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}

/** Whether Clerk understands the request and does not take its query. */
export function refusesQuery(status: number, body: string): boolean {
  if (![400, 404, 422].includes(status)) return false;
  return codeIn(body) !== undefined;
}

/** `Retry-After` is a number of seconds or a date. */
function secondsToWait(retryAfter: string | null, now: number): number {
  const text = retryAfter?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Math.min(longestWait, Math.max(1, seconds || 1));
}
