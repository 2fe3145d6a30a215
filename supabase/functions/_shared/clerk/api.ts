import { z } from "zod";
import { parseExactJson } from "../facts/exact_json.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { ClerkApiSettings } from "../settings/clerk_api.ts";
import { upstreamTimeLimit } from "../time_limit.ts";

/** The version of the Backend API that the answers are read as. */
const apiVersion = "2026-05-12";

/** Seconds that anybody is told to wait: a wrong Retry-After must not lock users out for a day. */
const longestWait = 60;

export interface ClerkApiOptions extends ClerkApiSettings {
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Clerk's Backend API, read only. Paths go on from the version: "users/user_1". Every call ends within 5 s.
 *
 * Failures: `clerk_rate_limited` with the seconds to wait, `server_misconfigured` where Clerk refuses the
 * secret key, else `clerk_unavailable`, with a reason for the log.
 */
export interface ClerkApi {
  /** What Clerk gives, parsed without rounding. */
  read(path: string, query?: URLSearchParams): Promise<Result<unknown>>;
  /** One object; undefined where Clerk says that there is none, which by itself proves nothing. */
  find(path: string): Promise<Result<unknown>>;
}

export function createClerkApi(options: ClerkApiOptions): ClerkApi {
  const { secretKey, fetch: request = fetch, now = Date.now } = options;
  const base = `${options.apiUrl.replace(/\/+$/, "")}/v1/`;

  async function get(path: string, query: URLSearchParams | undefined, mayBeAbsent: boolean) {
    try {
      const response = await request(`${base}${path}${query ? `?${query}` : ""}`, {
        headers: {
          accept: "application/json",
          authorization: `Bearer ${secretKey}`,
          "clerk-api-version": apiVersion,
        },
        signal: AbortSignal.timeout(upstreamTimeLimit),
        redirect: "error",
      });
      const text = await response.text();
      if (response.status === 200) return succeed(parseExactJson(text));
      if (mayBeAbsent && response.status === 404 && isNotFound(text)) return succeed(undefined);
      return failureOf(response, path, now());
    } catch (error) {
      return unavailable(path, error instanceof Error ? error.name : typeof error);
    }
  }

  return {
    read: (path, query) => get(path, query, false),
    find: (path) => get(path, undefined, true),
  };
}

/** The one place where Clerk's statuses get their meaning. */
function failureOf({ status, headers }: Response, path: string, now: number): Result<never> {
  if (status === 429) {
    const retryAfter = secondsToWait(headers.get("retry-after"), now);
    return fail("clerk_rate_limited", { retryAfter });
  }
  if (status === 401 || status === 403) {
    return fail("server_misconfigured", { message: "CLERK_SECRET_KEY was refused by Clerk" });
  }
  return unavailable(path, `HTTP ${status}`);
}

/** `Retry-After` is a number of seconds or a date. */
function secondsToWait(retryAfter: string | null, now: number): number {
  const text = retryAfter?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Math.min(longestWait, Math.max(1, seconds || 1));
}

const clerkErrors = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/** A 404 without Clerk's own code comes from something else at that address. */
function isNotFound(text: string): boolean {
  const parsed = clerkErrors.safeParse(parseExactJson(text));
  return parsed.data?.errors[0]?.code === "resource_not_found";
}

/** The path's first part alone is named: what follows may be a person's id. */
function unavailable(path: string, reason: string): Result<never> {
  return fail("clerk_unavailable", { reason: `${path.split("/")[0]}: ${reason}` });
}
