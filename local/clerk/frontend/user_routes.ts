import { type Context, Hono } from "hono";
import { z } from "zod";
import { answer, refuse } from "../http/answer.ts";
import { requesterOf } from "../http/requester.ts";
import type { FrontendDependencies } from "./dependencies.ts";
import { readForm } from "./form.ts";
import { openSession } from "./open_session.ts";

const newOrganization = z.strictObject({
  name: z.string(),
  slug: z.string().optional(),
});

/** `/me` and `/organizations`: what belongs to the signed-in user. */
export function createUserRoutes(dependencies: FrontendDependencies): Hono {
  const { users, organizations, view } = dependencies;
  const routes = new Hono();
  const named = (context: Context) =>
    openSession(dependencies, context, context.req.query("_clerk_session_id"));

  routes.get("/me", (context) => {
    const session = named(context);
    if (!session.ok) return refuse(session);
    const user = users.service.get(session.value.user_id);
    return answer(user, (user) => ({ response: view.user(user) }));
  });

  routes.get("/me/organization_memberships", (context) => {
    const session = named(context);
    if (!session.ok) return refuse(session);
    const page = new URLSearchParams();
    for (const name of ["limit", "offset"]) {
      const value = context.req.query(name);
      if (value !== undefined) page.set(name, value);
    }
    const listed = organizations.membershipListing.ofUser(session.value.user_id, page);
    return answer(listed, ({ memberships, total }) => ({
      response: { data: memberships.map(view.membership), total_count: total },
    }));
  });

  for (const path of ["organization_invitations", "organization_suggestions"]) {
    routes.get(`/me/${path}`, () => Response.json({ response: { data: [], total_count: 0 } }));
  }

  routes.post("/organizations", async (context) => {
    const form = await readForm(context, newOrganization);
    if (!form.ok) return refuse(form);
    const session = named(context);
    if (!session.ok) return refuse(session);
    const body = { ...form.value, created_by: session.value.user_id };
    const created = organizations.service.create(body, requesterOf(context));
    return answer(created, (organization) => ({ response: view.organization(organization) }));
  });
  return routes;
}
