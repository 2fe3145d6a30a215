import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../../context.ts";
import type { Deliveries } from "../deliveries.ts";
import type { EndpointHistory } from "../endpoint_history.ts";
import type { EndpointStore } from "../endpoint_store.ts";
import type { MessageLog } from "../message_log.ts";
import { createAppRoutes } from "./app_routes.ts";
import { createDeliveryRoutes } from "./delivery_routes.ts";
import { createEndpointRoutes } from "./endpoint_routes.ts";
import { notFound, readBody, refuse } from "./errors.ts";
import type { Portal } from "./portal.ts";

const exchange = z.strictObject({ oneTimeToken: z.string() });

export interface SvixApiContext extends Context {
  readonly portal: Portal;
  readonly endpointStore: EndpointStore;
  readonly endpointHistory: EndpointHistory;
  readonly deliveries: Deliveries;
  readonly messageLog: MessageLog;
}

/** What Clerk and Svix let a program do about webhooks. */
export interface SvixApi {
  /** Clerk's part, under `/v1`. */
  readonly appRoutes: Hono;
  /** Svix' own API, under `/api/v1`, as far as the client of this project uses it. */
  readonly routes: Hono;
}

export function createSvixApi(context: SvixApiContext): SvixApi {
  const { portal } = context;
  const routes = new Hono();
  routes.post("/auth/one-time-token", async (request) => {
    const body = await readBody(request, exchange);
    if (body instanceof Response) return body;
    const token = portal.exchange(body.oneTimeToken);
    return token === undefined
      ? refuse(401, "authentication_failed", "Invalid one-time token")
      : Response.json({ token });
  });

  const app = new Hono();
  app.use(async ({ req }, next) => {
    const token = req.header("authorization")?.replace(/^Bearer /, "") ?? "";
    if (!portal.admits(token)) return refuse(401, "authentication_failed", "Invalid token");
    if (req.param("app") !== portal.appId()) return notFound();
    await next();
  });
  app.route("/", createDeliveryRoutes(context));
  app.route("/endpoint", createEndpointRoutes(context));
  routes.route("/app/:app", app);
  return { appRoutes: createAppRoutes(portal), routes };
}
