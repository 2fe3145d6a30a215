import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../../loopback_host.ts";
import { refuse } from "../http/answer.ts";
import { clerkErrors } from "../http/errors.ts";

/** Lets requests of pages on this machine pass: each may sign anybody of the double in. */
export function refuseForeignPages(): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    // A browser leaves `Origin` out only where it reads from the page's own origin.
    const allowed = origin === undefined ? context.req.method === "GET" : isLoopback(origin);
    if (!allowed) return refuse(clerkErrors.originInvalid());
    await next();
  };
}
