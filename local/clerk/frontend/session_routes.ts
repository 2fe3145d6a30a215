import { Hono } from "hono";
import { z } from "zod";
import { refuse } from "../http/answer.ts";
import { requesterOf } from "../http/requester.ts";
import type { FrontendDependencies } from "./dependencies.ts";
import { readForm } from "./form.ts";
import { openSession } from "./open_session.ts";

const touch = z.strictObject({
  active_organization_id: z.string().default("").transform((id) => id || null),
  intent: z.string().optional(),
});

const tokenRequest = z.strictObject({
  organization_id: z.string().default("").transform((id) => id || null),
  tab_state: z.string().optional(),
});

/** `/client` and `/client/sessions`: who is signed in here, their tokens, and the sign-out. */
export function createSessionRoutes(dependencies: FrontendDependencies): Hono {
  const { browsers, sessions, view } = dependencies;
  const routes = new Hono();

  routes.get("/client", async (context) => {
    const client = browsers.known(context)?.client;
    const shown = client ? await view.client(client, context.req.url) : null;
    return Response.json({ response: shown, client: null });
  });

  // Clerk's packages send DELETE as POST with `_method`.
  routes.post("/client/sessions", async (context) => {
    const browser = browsers.of(context);
    for (const { id } of sessions.store.ofClient(browser.client.id)) {
      sessions.service.revoke(id, requesterOf(context));
    }
    const client = browser.change({ sign_in: null, sign_up: null, last_active_session_id: null });
    const shown = await view.client(client, context.req.url);
    return Response.json({ response: shown, client: shown });
  });

  routes.post("/client/sessions/:id/remove", async (context) => {
    const session = openSession(dependencies, context, context.req.param("id"));
    if (!session.ok) return refuse(session);
    const { client } = browsers.of(context);
    sessions.service.revoke(session.value.id, requesterOf(context));
    return Response.json({
      response: { ...await view.session(session.value, context.req.url), status: "removed" },
      client: await view.client(client, context.req.url),
    });
  });

  routes.post("/client/sessions/:id/touch", async (context) => {
    const form = await readForm(context, touch);
    if (!form.ok) return refuse(form);
    const session = openSession(dependencies, context, context.req.param("id"));
    if (!session.ok) return refuse(session);
    const touched = sessions.service.activate(session.value, form.value.active_organization_id);
    if (!touched.ok) return refuse(touched);
    const client = browsers.of(context).change({ last_active_session_id: touched.value.id });
    return Response.json({
      response: await view.session(touched.value, context.req.url),
      client: await view.client(client, context.req.url),
    });
  });

  routes.post("/client/sessions/:id/tokens", async (context) => {
    const form = await readForm(context, tokenRequest);
    if (!form.ok) return refuse(form);
    const session = openSession(dependencies, context, context.req.param("id"));
    if (!session.ok) return refuse(session);
    const { organization_id: organizationId } = form.value;
    return Response.json(await view.token(session.value, context.req.url, organizationId));
  });
  return routes;
}
