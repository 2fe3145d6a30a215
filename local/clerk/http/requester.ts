import type { Context } from "hono";

/** The sender of a request, as the resulting events name it. */
export interface Requester {
  readonly clientIp: string;
  readonly userAgent: string;
}

export function requesterOf(context: Context): Requester {
  return { clientIp: "127.0.0.1", userAgent: context.req.header("user-agent") ?? "" };
}
