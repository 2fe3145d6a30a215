import { Hono } from "hono";
import type { Context } from "../context.ts";
import { newId } from "../ids.ts";

export interface Instance {
  readonly routes: Hono;
}

/** The instance itself, and the one domain that it has. */
export function createInstance({ instanceId, issuerOf, now }: Context): Instance {
  const domainId = newId("dmn", now());
  const routes = new Hono();
  routes.get("/instance", () =>
    Response.json({
      object: "instance",
      id: instanceId,
      environment_type: "development",
      allowed_origins: null,
      workspace_id: null,
    }));
  routes.get("/domains", (context) => {
    const issuer = issuerOf(context.req.url);
    const domain = {
      object: "domain",
      id: domainId,
      name: new URL(issuer).host,
      is_satellite: false,
      frontend_api_url: issuer,
      accounts_portal_url: issuer,
      proxy_url: null,
      development_origin: "",
      cname_targets: [],
    };
    return Response.json({ data: [domain], total_count: 1 });
  });
  return { routes };
}
