import type { Context } from "hono";
import { type ClerkFailure, errorBody, type Outcome } from "./errors.ts";
import type { Requester } from "../svix/events.ts";

/** Who makes a request, for the events that come of it. */
export function requesterOf(context: Context): Requester {
  return {
    clientIp: "127.0.0.1",
    userAgent: context.req.header("user-agent") ?? "",
  };
}

/** The query as it came, repeated parameters and all. */
export function queryOf(context: Context): URLSearchParams {
  return new URL(context.req.url).searchParams;
}

/** Answers with Clerk's error shape. */
export function answerFailure(context: Context, failure: ClerkFailure): Response {
  return context.json(errorBody(failure), failure.status);
}

/** Answers with what an operation came to. */
export function answer<Value>(
  context: Context,
  outcome: Outcome<Value>,
  render: (value: Value) => unknown,
): Response {
  if (!outcome.ok) return answerFailure(context, outcome.failure);
  return Response.json(render(outcome.value));
}
