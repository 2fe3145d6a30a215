import type { MiddlewareHandler } from "hono";
import { refuse } from "./answer.ts";
import { clerkErrors } from "./errors.ts";

/** Lets a request pass only with the instance's secret key as its bearer. */
export function requireSecretKey(secretKey: string): MiddlewareHandler {
  return async (context, next) => {
    const [scheme, key, ...rest] = (context.req.header("authorization") ?? "").split(" ");
    if (scheme?.toLowerCase() !== "bearer" || !key || rest.length > 0) {
      return refuse(clerkErrors.authorizationHeaderInvalid());
    }
    if (key !== secretKey) return refuse(clerkErrors.secretKeyInvalid());
    await next();
  };
}
