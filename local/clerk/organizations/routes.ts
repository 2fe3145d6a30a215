import { Hono } from "hono";
import { answer, queryOf, refuse } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { requesterOf } from "../http/requester.ts";
import { newOrganization, organizationMetadata, organizationPatch } from "./bodies.ts";
import { patchedOrganization, withMetadata } from "./changes.ts";
import type { OrganizationDocument } from "./document.ts";
import type { ListOrganizations } from "./listing.ts";
import type { OrganizationService } from "./service.ts";
import { type OrganizationView, renderDeletedOrganization } from "./view.ts";

export interface OrganizationRoutesDependencies {
  readonly organizationService: OrganizationService;
  readonly listOrganizations: ListOrganizations;
  readonly organizationView: OrganizationView;
}

/** `/v1/organizations`, without the memberships. */
export function createOrganizationRoutes(dependencies: OrganizationRoutesDependencies): Hono {
  const { organizationService, listOrganizations, organizationView } = dependencies;
  const render = (organization: OrganizationDocument) =>
    organizationView.organization(organization);
  const renderFor = (query: URLSearchParams) => {
    const membersCount = query.get("include_members_count") === "true";
    return (organization: OrganizationDocument) =>
      organizationView.organization(organization, { membersCount });
  };
  const routes = new Hono();

  routes.get("/organizations", (context) => {
    const query = queryOf(context);
    return answer(listOrganizations(query), ({ organizations, total }) => ({
      data: organizations.map(renderFor(query)),
      total_count: total,
    }));
  });
  routes.post("/organizations", async (context) => {
    const body = await readBody(context, newOrganization);
    if (!body.ok) return refuse(body);
    return answer(organizationService.create(body.value, requesterOf(context)), render);
  });

  routes.get("/organizations/:organization_id", (context) => {
    const found = organizationService.getByIdOrSlug(context.req.param("organization_id"));
    return answer(found, renderFor(queryOf(context)));
  });
  routes.patch("/organizations/:organization_id", async (context) => {
    const body = await readBody(context, organizationPatch);
    if (!body.ok) return refuse(body);
    const changed = organizationService.change(
      context.req.param("organization_id"),
      requesterOf(context),
      (organization) => patchedOrganization(organization, body.value),
    );
    return answer(changed, render);
  });
  routes.delete("/organizations/:organization_id", (context) => {
    const id = context.req.param("organization_id");
    return answer(organizationService.delete(id, requesterOf(context)), renderDeletedOrganization);
  });

  routes.patch("/organizations/:organization_id/metadata", async (context) => {
    const body = await readBody(context, organizationMetadata);
    if (!body.ok) return refuse(body);
    const changed = organizationService.change(
      context.req.param("organization_id"),
      requesterOf(context),
      (organization) => withMetadata(organization, body.value),
    );
    return answer(changed, render);
  });
  return routes;
}
