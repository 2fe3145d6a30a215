import type { Context } from "hono";
import type { z } from "zod";

/** A control request whose body is not declared to be JSON. */
export class NotJsonError extends Error {}

/**
 * Reads a body. It must be declared as JSON: a web page can send other types, such as text/plain, without
 * a preflight.
 *
 * @throws NotJsonError, SyntaxError or ZodError. The control API answers each with what is wrong
 */
export async function readJson<T>({ req }: Context, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\b/i.test(req.header("content-type") ?? "")) throw new NotJsonError();
  return schema.parse(await req.json());
}

/** Refuses a control request. */
export function refuse(status: 400 | 401 | 403 | 404 | 409 | 415, message: string): Response {
  return Response.json({ message }, { status });
}
