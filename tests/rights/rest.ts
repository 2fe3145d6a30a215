import { z } from "zod";
import { runningStack } from "../support/stack/running_stack.ts";
import type { Principal } from "./principals.ts";

/** A request to the REST interface, without credentials. */
export interface RestRequest {
  readonly method: string;
  /** The path below `/rest/v1/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RestAnswer {
  /** The status, and PostgREST's or PostgreSQL's code if there is one: "401 42501". */
  readonly summary: string;
  readonly headers: Headers;
  /** Undefined if there is none. */
  readonly body: unknown;
}

const failure = z.object({ code: z.string() });

/**
 * Sends the request through the gateway, as the principal. PostgREST closes the connection after every
 * HEAD that it refuses. If the gateway is about to reuse it, it answers 502, and nothing has been done.
 */
export async function send(
  principal: Principal,
  request: RestRequest,
  attempts = 3,
): Promise<RestAnswer> {
  const { apiKey, token } = principal;
  const response = await fetch(`${runningStack().API_URL}/rest/v1/${request.path}`, {
    method: request.method,
    headers: {
      "content-type": "application/json",
      ...(apiKey === undefined ? {} : { apikey: apiKey }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const text = await response.text();
  if (response.status === 502 && attempts > 1) return send(principal, request, attempts - 1);
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const code = response.ok ? undefined : failure.safeParse(body).data?.code;
  return {
    summary: code === undefined ? `${response.status}` : `${response.status} ${code}`,
    headers: response.headers,
    body,
  };
}
