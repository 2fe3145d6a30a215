import type { Context } from "hono";
import { z } from "zod";

/** Refuses a request in Svix' form. */
export function refuse(
  status: 400 | 401 | 404 | 409,
  code: string,
  detail: string,
): Response {
  return Response.json({ code, detail }, { status });
}

export const notFound = () => refuse(404, "not_found", "Entity not found");

/** Refuses what Svix validates: one item for each thing that is wrong. */
export function refuseInvalid(
  where: "body" | "query",
  problems: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Response {
  const detail = problems.map(({ path, message }) => ({
    loc: [where, ...path.map(String)],
    msg: message,
    type: "value_error",
  }));
  return Response.json({ detail }, { status: 422 });
}

/** Parses a JSON body. Returns the refusal if it is not as it must be. */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T | Response> {
  let body: unknown;
  try {
    body = await context.req.json();
  } catch {
    return refuse(400, "invalid_json", "The body is not JSON");
  }
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data : refuseInvalid("body", parsed.error.issues);
}

/** Parses the query. Returns the refusal if it is not as it must be, or has an unknown parameter. */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T | Response {
  const parsed = schema.safeParse(context.req.query());
  return parsed.success ? parsed.data : refuseInvalid("query", parsed.error.issues);
}

/** A time in RFC 3339, as milliseconds since the epoch. */
export const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
