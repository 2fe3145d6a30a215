import type { Context } from "hono";

/** Who makes a request, as the events that come of it say. */
export interface Requester {
  readonly clientIp: string;
  readonly userAgent: string;
}

export function requesterOf(context: Context): Requester {
  return { clientIp: "127.0.0.1", userAgent: context.req.header("user-agent") ?? "" };
}
