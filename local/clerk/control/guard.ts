import type { Context, MiddlewareHandler } from "hono";

/** A control request whose body is not declared to be JSON. */
export class NotJsonError extends Error {}

/**
 * Lets a request of the control API pass with the instance's secret key, and none of a web page: who
 * gets in can have anything signed.
 */
export function guardControl(secretKey: string): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== new URL(context.req.url).origin) {
      return context.json({ message: "The control API is not for web pages" }, 403);
    }
    if (context.req.header("authorization") !== `Bearer ${secretKey}`) {
      return context.json({ message: "The control API needs CLERK_SECRET_KEY as its bearer" }, 401);
    }
    await next();
  };
}

/** Reads a body. Only JSON that says so is taken: a web page can send anything else unasked. */
export async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) throw new NotJsonError();
  return await context.req.json();
}
