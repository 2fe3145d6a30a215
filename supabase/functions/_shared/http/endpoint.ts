import { fail, type Failure, meaningOf, type Result } from "../failure.ts";
import { browserHeaders, preflightHeaders } from "./cors.ts";
import { describeError, type Log, type LogFields } from "./log.ts";
import { requestIdOf } from "./request_id.ts";
import { logRequest } from "./request_log.ts";

/** How a function can be called. */
export interface Endpoint {
  readonly methods: readonly string[];
  /** Whether browsers may call it, from any origin: the token protects, not the origin. */
  readonly browsers: boolean;
}

/** A success. `note` goes into the request's log line. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly note?: LogFields;
}

export type Handle = (request: Request) => Promise<Result<Answer>>;
export type Handler = (request: Request) => Promise<Response>;

/**
 * Turns a handle into a handler for Deno.serve. Adds methods, CORS, the request id, the common form
 * of answers, one log line per request, and `internal_error` for unexpected errors.
 */
export function createEndpoint(endpoint: Endpoint, log: Log, handle: Handle): Handler {
  const allow = [...endpoint.methods, ...(endpoint.browsers ? ["OPTIONS"] : [])].join(", ");

  async function resultOf(request: Request): Promise<Result<Answer>> {
    if (!endpoint.methods.includes(request.method)) return fail("method_not_allowed");
    try {
      return await handle(request);
    } catch (error) {
      return fail("internal_error", { reason: describeError(error) });
    }
  }

  return async (request) => {
    const started = Date.now();
    const requestId = requestIdOf(request);
    if (request.method === "OPTIONS" && endpoint.browsers) {
      const headers = preflightHeaders(request);
      headers.set("x-request-id", requestId);
      return new Response(null, { status: 204, headers });
    }
    const headers = { ...(endpoint.browsers ? browserHeaders : {}), "x-request-id": requestId };
    const result = await resultOf(request);
    const response = result.ok
      ? Response.json(result.value.body, { status: result.value.status, headers })
      : failureResponse(result.failure, requestId, headers, allow);
    logRequest(log, {
      requestId,
      method: request.method,
      status: response.status,
      // The clock may have been set back.
      milliseconds: Math.max(0, Date.now() - started),
      result,
    });
    return response;
  };
}

/** Creates a handler from settings. If they could not be read, it always answers with that. */
export function createConfigured<Settings>(
  endpoint: Endpoint,
  log: Log,
  settings: Result<Settings>,
  create: (settings: Settings) => Handler,
): Handler {
  if (!settings.ok) return createEndpoint(endpoint, log, () => Promise.resolve(settings));
  return create(settings.value);
}

function failureResponse(
  failure: Failure,
  requestId: string,
  common: Readonly<Record<string, string>>,
  allow: string,
): Response {
  const { status, message, hint, headers: own } = meaningOf(failure);
  const headers = new Headers({ ...common, ...own });
  if (status === 405) headers.set("allow", allow);
  if (failure.retryAfter !== undefined) headers.set("retry-after", String(failure.retryAfter));
  const error = { code: failure.code, message, hint, request_id: requestId };
  return Response.json({ error }, { status, headers });
}
