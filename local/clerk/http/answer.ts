import type { Context } from "hono";
import { errorBody, type Refusal, type Result } from "./errors.ts";

/** The query as it was sent, with repeated parameters. */
export function queryOf(context: Context): URLSearchParams {
  return new URL(context.req.url).searchParams;
}

/** Answers with errors in Clerk's form. */
export function refuse({ failure: { status, errors } }: Refusal): Response {
  return Response.json(errorBody(errors), { status });
}

/** Answers with the outcome of an operation. */
export function answer<T>(result: Result<T>, render: (value: T) => unknown): Response {
  return result.ok ? Response.json(render(result.value)) : refuse(result);
}
