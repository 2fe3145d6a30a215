import { Hono } from "hono";
import { done } from "../http/errors.ts";
import { answer, answerFailure, queryOf, requesterOf } from "../http/answer.ts";
import type { MembershipListing, MembershipPage } from "./membership_listing.ts";
import type { Memberships } from "./membership_service.ts";
import { createMembershipBody, organizationMetadataBody, updateMembershipBody } from "./bodies.ts";
import type { OrganizationViews } from "./view.ts";
import { withMetadataMerged } from "./metadata.ts";
import type { Organizations } from "./service.ts";
import { readBody } from "../http/body.ts";
import type { Users } from "../users/service.ts";

/** The memberships below `/v1/organizations`, `/v1/users` and `/v1/organization_memberships`. */
export function createMembershipRoutes(deps: {
  memberships: Memberships;
  organizations: Organizations;
  users: Users;
  listing: MembershipListing;
  views: OrganizationViews;
}): Hono {
  const { memberships, organizations, users, listing, views } = deps;
  const renderPage = ({ memberships, total }: MembershipPage) => ({
    data: memberships.map(views.membership),
    total_count: total,
  });
  const routes = new Hono();

  routes.get(
    "/organization_memberships",
    (context) => answer(context, listing.ofInstance(queryOf(context)), renderPage),
  );
  routes.get("/users/:user_id/organization_memberships", (context) => {
    const user = users.get(context.req.param("user_id"));
    if (!user.ok) return answerFailure(context, user.failure);
    return answer(context, listing.ofUser(user.value.id, queryOf(context)), renderPage);
  });

  routes.get("/organizations/:organization_id/memberships", (context) => {
    const organization = organizations.get(context.req.param("organization_id"));
    if (!organization.ok) return answerFailure(context, organization.failure);
    const { id } = organization.value;
    return answer(context, listing.ofOrganization(id, queryOf(context)), renderPage);
  });
  routes.post("/organizations/:organization_id/memberships", async (context) => {
    const body = await readBody(context.req.raw, createMembershipBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const created = memberships.create(
      context.req.param("organization_id"),
      body.value,
      requesterOf(context),
    );
    return answer(context, created, views.membership);
  });

  routes.patch("/organizations/:organization_id/memberships/:user_id", async (context) => {
    const body = await readBody(context.req.raw, updateMembershipBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { organization_id: organizationId, user_id: userId } = context.req.param();
    const changed = memberships.change(
      organizationId,
      userId,
      requesterOf(context),
      (membership) => done({ ...membership, role: body.value.role }),
    );
    return answer(context, changed, views.membership);
  });
  routes.delete("/organizations/:organization_id/memberships/:user_id", (context) => {
    const { organization_id: organizationId, user_id: userId } = context.req.param();
    const deleted = memberships.delete(organizationId, userId, requesterOf(context));
    return answer(context, deleted, (membership) => membership);
  });
  routes.patch("/organizations/:organization_id/memberships/:user_id/metadata", async (context) => {
    const body = await readBody(context.req.raw, organizationMetadataBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { organization_id: organizationId, user_id: userId } = context.req.param();
    const changed = memberships.change(
      organizationId,
      userId,
      requesterOf(context),
      (membership) => done(withMetadataMerged(membership, body.value)),
    );
    return answer(context, changed, views.membership);
  });
  return routes;
}
