import { parseExactJson } from "../facts/exact_json.ts";
import { type Result, succeed } from "../failure.ts";
import type { ClerkApiSettings } from "../settings/clerk_api.ts";
import { upstreamTimeLimit } from "../time_limit.ts";
import {
  clerkFailure,
  clerkUnavailable,
  refusesQuery,
  saysNotFound,
  saysOrganizationsOff,
  unusableAnswer,
} from "./failed_answer.ts";

/** The version of the Backend API that this code asks for. */
const apiVersion = "2026-05-12";

export interface ClerkApiOptions extends ClerkApiSettings {
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds that a call may take. Default: 5 s. */
  readonly timeLimit?: number;
  /** Ends calls that are under way. */
  readonly signal?: AbortSignal;
}

/**
 * Clerk's Backend API, read-only. Paths follow the version, such as "users/user_1". Every call ends
 * within a time limit.
 *
 * Failures: `clerk_rate_limited` with the seconds to wait, `server_misconfigured` if Clerk refuses
 * the secret key, else `clerk_unavailable` with a reason for the log.
 */
export interface ClerkApi {
  /** Reads and parses Clerk's answer, without rounding numbers. */
  read(path: string, query?: URLSearchParams): Promise<Result<unknown>>;
  /** Reads one object. Undefined if Clerk says that there is none, which alone proves nothing. */
  find(path: string, query?: URLSearchParams): Promise<Result<unknown>>;
  /**
   * Reads a page of a list. Undefined if Clerk refuses the query, as it does when the user of a
   * cursor is gone. An instance without organizations has an empty list of them.
   */
  list(path: string, query: URLSearchParams): Promise<Result<unknown>>;
}

/** What an answer other than 200 means, if it is no failure. */
type Meaning = (status: number, body: string) => Result<unknown> | undefined;

export function createClerkApi(options: ClerkApiOptions): ClerkApi {
  const { secretKey, fetch: request = fetch, now = Date.now } = options;
  const { timeLimit = upstreamTimeLimit, signal } = options;
  const base = `${options.apiUrl.replace(/\/+$/, "")}/v1/`;

  async function get(path: string, query: URLSearchParams | undefined, meaningOf: Meaning) {
    // Only the first part of the path: the rest may be a person's id.
    const subject = path.replace(/\/.*/s, "");
    try {
      const response = await request(`${base}${path}${query ? `?${query}` : ""}`, {
        headers: {
          accept: "application/json",
          authorization: `Bearer ${secretKey}`,
          "clerk-api-version": apiVersion,
        },
        signal: AbortSignal.any([AbortSignal.timeout(timeLimit), ...(signal ? [signal] : [])]),
        redirect: "error",
      });
      const text = await response.text();
      if (response.status === 200) return succeed(parseExactJson(text));
      return meaningOf(response.status, text) ?? clerkFailure(response, text, subject, now());
    } catch (error) {
      const reason = error instanceof Error ? error.name : typeof error;
      return (error instanceof SyntaxError ? unusableAnswer : clerkUnavailable)(subject, reason);
    }
  }

  return {
    read: (path, query) => get(path, query, () => undefined),
    find: (path, query) =>
      get(path, query, (...answer) => saysNotFound(...answer) ? succeed(undefined) : undefined),
    list: (path, query) =>
      get(path, query, (...answer) => {
        if (saysOrganizationsOff(...answer)) return succeed({ data: [], total_count: 0 });
        return refusesQuery(...answer) ? succeed(undefined) : undefined;
      }),
  };
}
