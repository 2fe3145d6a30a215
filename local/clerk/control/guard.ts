import type { MiddlewareHandler } from "hono";
import { refuse } from "./json.ts";

/**
 * Lets a request to the control API pass if it has the instance's secret key and is not a web page's:
 * the control API signs any token.
 */
export function guardControl(secretKey: string): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== new URL(context.req.url).origin) {
      return refuse(403, "The control API is not for web pages");
    }
    if (context.req.header("authorization") !== `Bearer ${secretKey}`) {
      return refuse(401, "The control API needs CLERK_SECRET_KEY as its bearer");
    }
    await next();
  };
}
