/** What a failure means to the caller. */
interface Meaning {
  readonly status: number;
  readonly message: string;
  readonly hint?: string;
  /** Headers of every answer with this code. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks for a bearer token (RFC 9110, 11.6.1). */
const challenge = { "www-authenticate": "Bearer" };

/**
 * The closed list of errors that the functions answer with. Only here does a code get its HTTP
 * status and its message. A caller's mistake and an outage never share a code.
 */
export const meanings = {
  missing_token: { status: 401, message: "Missing Authorization header", headers: challenge },
  invalid_token: { status: 401, message: "Invalid or expired token", headers: challenge },
  session_pending: { status: 403, message: "Session has pending tasks" },
  user_inactive: {
    status: 403,
    message: "User is deactivated (deleted, deactivated by the application, or banned in Clerk)",
  },
  user_not_found: {
    status: 404,
    message: "User not found in database",
    hint: "Call users-sync first",
  },
  clerk_user_not_found: { status: 404, message: "User not found in Clerk" },
  invalid_signature: { status: 401, message: "Invalid webhook signature" },
  invalid_event: { status: 422, message: "Event is not as Clerk describes it" },
  wrong_instance: {
    status: 422,
    message: "Event is from another Clerk instance",
    // No retry can help, so Svix stops. An invalid event is retried: a newer version may accept it.
    headers: { "webhook-delivery": "abort-message" },
  },
  invalid_request: { status: 400, message: "Request is malformed" },
  method_not_allowed: { status: 405, message: "Method not allowed" },
  payload_too_large: { status: 413, message: "Body is larger than 1 MiB" },
  clerk_rate_limited: { status: 503, message: "Clerk's rate limit is reached" },
  clerk_unavailable: { status: 503, message: "Clerk cannot be reached" },
  database_unavailable: { status: 503, message: "Database cannot be reached" },
  database_refused: {
    status: 500,
    message: "Database refused the row",
    hint: "Find the request_id in the function's log: it names the constraint or trigger",
  },
  server_misconfigured: { status: 500, message: "Server is misconfigured" },
  internal_error: { status: 500, message: "Internal error" },
} as const satisfies Record<string, Meaning>;

export type FailureCode = keyof typeof meanings;

/** An expected failure, as a value. */
export interface Failure {
  readonly code: FailureCode;
  /** For the caller, instead of the code's usual message. Quotes nothing that was sent. */
  readonly message?: string;
  /** For the caller: what to do next. */
  readonly hint?: string;
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;
  /** For the log only: what went wrong, without secrets or personal data. */
  readonly reason?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(
  code: FailureCode,
  details: Omit<Failure, "code"> = {},
): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { code, ...details } };
}

/** Both values, or the first failure. */
export function both<A, B>(first: Result<A>, second: Result<B>): Result<readonly [A, B]> {
  if (!first.ok) return first;
  return second.ok ? succeed([first.value, second.value]) : second;
}

/** Explains a failure to the caller. Its own message and hint take precedence over the code's. */
export function meaningOf(failure: Failure): Meaning {
  const meaning: Meaning = meanings[failure.code];
  return {
    ...meaning,
    message: failure.message ?? meaning.message,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
}
