import { Hono } from "hono";
import { refuse } from "../../http/answer.ts";
import { clerkErrors } from "../../http/errors.ts";
import type { Portal } from "./portal.ts";

/** `/v1/webhooks`: Clerk's own part, which makes the Svix app and opens its portal. */
export function createAppRoutes(portal: Portal): Hono {
  const routes = new Hono();
  const answer = (appId: string, url: string) =>
    Response.json({ svix_url: portal.addressOf(appId, new URL(url).origin) });

  routes.post("/webhooks/svix", (context) => {
    if (portal.appId() !== undefined) return refuse(clerkErrors.svixAppExists());
    return answer(portal.createApp(), context.req.url);
  });
  routes.post("/webhooks/svix_url", (context) => {
    const appId = portal.appId();
    return appId === undefined
      ? refuse(clerkErrors.svixAppMissing())
      : answer(appId, context.req.url);
  });
  return routes;
}
