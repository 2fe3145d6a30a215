import { Hono } from "hono";
import { answer, queryOf, refuse } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { requesterOf } from "../http/requester.ts";
import type { UserService } from "../users/service.ts";
import { membershipPatch, newMembership, organizationMetadata } from "./bodies.ts";
import { withMetadata } from "./changes.ts";
import type { MembershipListing, MembershipPage } from "./membership_listing.ts";
import type { MembershipKey, MembershipService } from "./membership_service.ts";
import type { OrganizationService } from "./service.ts";
import type { OrganizationView } from "./view.ts";

export interface MembershipRoutesDependencies {
  readonly membershipService: MembershipService;
  readonly membershipListing: MembershipListing;
  readonly organizationService: OrganizationService;
  readonly organizationView: OrganizationView;
  readonly userService: UserService;
}

const collection = "/organizations/:organization_id/memberships";

/** The routes of memberships, below `/v1/organizations`, `/v1/users` and `/v1/organization_memberships`. */
export function createMembershipRoutes(dependencies: MembershipRoutesDependencies): Hono {
  const { membershipService, membershipListing, organizationService } = dependencies;
  const { organizationView, userService } = dependencies;
  const renderPage = ({ memberships, total }: MembershipPage) => ({
    data: memberships.map(organizationView.membership),
    total_count: total,
  });
  const routes = new Hono();

  routes.get(
    "/organization_memberships",
    (context) => answer(membershipListing.ofInstance(queryOf(context)), renderPage),
  );
  routes.get("/users/:user_id/organization_memberships", (context) => {
    const user = userService.get(context.req.param("user_id"));
    if (!user.ok) return refuse(user);
    return answer(membershipListing.ofUser(user.value.id, queryOf(context)), renderPage);
  });
  routes.get(collection, (context) => {
    const organization = organizationService.get(context.req.param("organization_id"));
    if (!organization.ok) return refuse(organization);
    const { id } = organization.value;
    return answer(membershipListing.ofOrganization(id, queryOf(context)), renderPage);
  });

  routes.post(collection, async (context) => {
    const body = await readBody(context, newMembership);
    if (!body.ok) return refuse(body);
    const id = context.req.param("organization_id");
    const created = membershipService.create(id, body.value, requesterOf(context));
    return answer(created, organizationView.membership);
  });
  routes.patch(`${collection}/:user_id`, async (context) => {
    const body = await readBody(context, membershipPatch);
    if (!body.ok) return refuse(body);
    const changed = membershipService.change(
      keyOf(context.req.param()),
      requesterOf(context),
      (membership) => ({ ...membership, role: body.value.role }),
    );
    return answer(changed, organizationView.membership);
  });
  routes.delete(`${collection}/:user_id`, (context) => {
    const deleted = membershipService.delete(keyOf(context.req.param()), requesterOf(context));
    return answer(deleted, (shown) => shown);
  });
  routes.patch(`${collection}/:user_id/metadata`, async (context) => {
    const body = await readBody(context, organizationMetadata);
    if (!body.ok) return refuse(body);
    const changed = membershipService.change(
      keyOf(context.req.param()),
      requesterOf(context),
      (membership) => withMetadata(membership, body.value),
    );
    return answer(changed, organizationView.membership);
  });
  return routes;
}

function keyOf(
  { organization_id: organizationId, user_id: userId }: {
    readonly organization_id: string;
    readonly user_id: string;
  },
): MembershipKey {
  return { organizationId, userId };
}
