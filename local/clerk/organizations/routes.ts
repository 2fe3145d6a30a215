import { Hono } from "hono";
import { done } from "../http/errors.ts";
import { answer, answerFailure, queryOf, requesterOf } from "../http/answer.ts";
import {
  createOrganizationBody,
  organizationMetadataBody,
  type UpdateOrganizationBody,
  updateOrganizationBody,
} from "./bodies.ts";
import type { OrganizationDocument } from "./document.ts";
import { type OrganizationViews, renderDeletedOrganization } from "./view.ts";
import type { ListOrganizations } from "./listing.ts";
import { withMetadataMerged } from "./metadata.ts";
import type { Organizations } from "./service.ts";
import { readBody } from "../http/body.ts";

/** `/v1/organizations`. */
export function createOrganizationRoutes(deps: {
  organizations: Organizations;
  listOrganizations: ListOrganizations;
  views: OrganizationViews;
}): Hono {
  const { organizations, listOrganizations, views } = deps;
  const render = (organization: OrganizationDocument) => views.organization(organization);
  const renderFor = (query: URLSearchParams) => {
    const membersCount = query.get("include_members_count") === "true";
    return (organization: OrganizationDocument) =>
      views.organization(organization, { membersCount });
  };
  const routes = new Hono();

  routes.get("/", (context) => {
    const query = queryOf(context);
    return answer(context, listOrganizations(query), ({ organizations, total }) => ({
      data: organizations.map(renderFor(query)),
      total_count: total,
    }));
  });
  routes.post("/", async (context) => {
    const body = await readBody(context.req.raw, createOrganizationBody);
    if (!body.ok) return answerFailure(context, body.failure);
    return answer(context, organizations.create(body.value, requesterOf(context)), render);
  });

  routes.get("/:organization_id", (context) => {
    const found = organizations.getByIdOrSlug(context.req.param("organization_id"));
    return answer(context, found, renderFor(queryOf(context)));
  });
  routes.patch("/:organization_id", async (context) => {
    const body = await readBody(context.req.raw, updateOrganizationBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const changed = organizations.change(
      context.req.param("organization_id"),
      requesterOf(context),
      (organization) => done(patched(organization, body.value)),
    );
    return answer(context, changed, render);
  });
  routes.delete("/:organization_id", (context) => {
    const id = context.req.param("organization_id");
    const deleted = organizations.delete(id, requesterOf(context));
    return answer(context, deleted, renderDeletedOrganization);
  });

  routes.patch("/:organization_id/metadata", async (context) => {
    const body = await readBody(context.req.raw, organizationMetadataBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const changed = organizations.change(
      context.req.param("organization_id"),
      requesterOf(context),
      (organization) => done(withMetadataMerged(organization, body.value)),
    );
    return answer(context, changed, render);
  });
  return routes;
}

/** The organization after a `PATCH`: what is absent, null or blank stays. */
function patched(
  organization: OrganizationDocument,
  body: UpdateOrganizationBody,
): OrganizationDocument {
  return {
    ...organization,
    name: body.name ?? organization.name,
    slug: body.slug || organization.slug,
    created_at: body.created_at ? Date.parse(body.created_at) : organization.created_at,
  };
}
