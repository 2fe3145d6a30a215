import { Hono } from "hono";
import type { Context } from "../context.ts";
import type { Svix } from "../svix/room.ts";
import type { Users } from "../users/room.ts";
import { createOrganizationListing } from "./listing.ts";
import { createMembershipListing, type MembershipListing } from "./membership_listing.ts";
import { createMembershipRoutes } from "./membership_routes.ts";
import { createMembershipService, type MembershipService } from "./membership_service.ts";
import { createMembershipStore, type MembershipStore } from "./membership_store.ts";
import { createOrganizationRoutes } from "./routes.ts";
import { createOrganizationService, type OrganizationService } from "./service.ts";
import { createOrganizationStore, type OrganizationStore } from "./store.ts";
import { createOrganizationView, type OrganizationView } from "./view.ts";

export interface OrganizationsContext extends Context {
  readonly svix: Svix;
  readonly users: Users;
}

/** Organizations and their memberships. */
export interface Organizations {
  readonly store: OrganizationStore;
  readonly membershipStore: MembershipStore;
  readonly membershipService: MembershipService;
  readonly membershipListing: MembershipListing;
  readonly service: OrganizationService;
  readonly view: OrganizationView;
  readonly routes: Hono;
}

export function createOrganizations(context: OrganizationsContext): Organizations {
  const { storage, users, svix: { emit, endpoint } } = context;
  const organizationStore = createOrganizationStore(storage);
  const membershipStore = createMembershipStore(storage);
  const stores = { organizationStore, membershipStore, userStore: users.store };
  const organizationView = createOrganizationView({ ...context, ...stores });
  const shared = { ...context, ...stores, organizationView, emit };
  const membershipService = createMembershipService({ ...shared, endpoint });
  const organizationService = createOrganizationService({ ...shared, membershipService });
  const listOrganizations = createOrganizationListing(storage);
  const membershipListing = createMembershipListing(storage);
  users.service.onDelete((user, requester) =>
    membershipService.end(membershipStore.ofUser(user.id), requester)
  );

  const services = { userService: users.service, organizationService, membershipService };
  const routes = new Hono();
  routes.route("/", createOrganizationRoutes({ ...services, organizationView, listOrganizations }));
  routes.route("/", createMembershipRoutes({ ...services, organizationView, membershipListing }));
  return {
    store: organizationStore,
    membershipStore,
    membershipService,
    membershipListing,
    service: organizationService,
    view: organizationView,
    routes,
  };
}
