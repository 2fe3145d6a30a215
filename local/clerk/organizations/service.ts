import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import type { Events, Requester } from "../svix/events.ts";
import { newId } from "../ids.ts";
import type { MembershipStore } from "./membership_store.ts";
import type { Memberships } from "./membership_service.ts";
import type { CreateOrganizationBody } from "./bodies.ts";
import type { OrganizationDocument } from "./document.ts";
import { type OrganizationViews, renderDeletedOrganization } from "./view.ts";
import { CREATOR_ROLE } from "./roles.ts";
import { freeSlug, slugFor } from "./slugs.ts";
import type { OrganizationStore } from "./store.ts";
import type { Storage } from "../storage/database.ts";
import type { UserStore } from "../users/store.ts";

/** A change of an organization: the organization afterwards, or why not. */
export type OrganizationChange = (
  organization: OrganizationDocument,
) => Outcome<OrganizationDocument>;

/** What can be done to organizations; each change is stored with the event that tells of it. */
export interface Organizations {
  get(id: string): Outcome<OrganizationDocument>;
  getByIdOrSlug(idOrSlug: string): Outcome<OrganizationDocument>;
  /** Creates an organization; `created_by` becomes its first member. */
  create(body: CreateOrganizationBody, requester: Requester): Outcome<OrganizationDocument>;
  change(
    id: string,
    requester: Requester,
    change: OrganizationChange,
  ): Outcome<OrganizationDocument>;
  /** Deletes the organization and its memberships for good. */
  delete(id: string, requester: Requester): Outcome<OrganizationDocument>;
}

/** Organizations over the stored ones; `now` gives milliseconds since the Unix epoch. */
export function createOrganizations(deps: {
  storage: Storage;
  organizations: OrganizationStore;
  membershipStore: MembershipStore;
  memberships: Memberships;
  users: UserStore;
  views: OrganizationViews;
  events: Events;
  now: () => number;
}): Organizations {
  const { storage, organizations, memberships, views, events, now } = deps;

  const outcomeOf = (organization: OrganizationDocument | undefined) =>
    organization === undefined ? refused(clerkErrors.organizationNotFound()) : done(organization);

  const emit = (type: string, data: unknown, requester: Requester) =>
    events.emit(`organization.${type}`, data, null, requester);

  return {
    get: (id) => outcomeOf(organizations.find(id)),
    getByIdOrSlug: (idOrSlug) =>
      outcomeOf(organizations.find(idOrSlug) ?? organizations.findBySlug(idOrSlug)),
    create(body, requester) {
      return storage.transaction(() => {
        const at = now();
        const creator = body.created_by ?? null;
        if (creator !== null && deps.users.find(creator) === undefined) {
          return refused(clerkErrors.organizationCreatorNotFound(creator));
        }
        const id = newId("org", at);
        const slug = body.slug
          ? freeSlug(body.slug, id, organizations)
          : done(slugFor(body.name, at, organizations));
        if (!slug.ok) return slug;
        const organization = newOrganization(id, slug.value, body, at);
        organizations.insert(organization);
        const membership = creator === null
          ? undefined
          : memberships.addInTransaction(id, { user_id: creator, role: CREATOR_ROLE });
        emit("created", views.organization(organization), requester);
        if (membership !== undefined) memberships.announce(membership, requester);
        return done(organization);
      });
    },
    change(id, requester, change) {
      return storage.transaction(() => {
        const before = organizations.find(id);
        if (before === undefined) return refused(clerkErrors.organizationNotFound());
        const changed = change(before);
        if (!changed.ok) return changed;
        const slug = freeSlug(changed.value.slug, id, organizations);
        if (!slug.ok) return slug;
        // As with users: two states of one organization never have the same `updated_at`.
        const at = Math.max(now(), before.updated_at + 1);
        const organization = { ...changed.value, "updated_at": at };
        organizations.update(organization);
        emit("updated", views.organization(organization), requester);
        return done(organization);
      });
    },
    delete(id, requester) {
      return storage.transaction(() => {
        const organization = organizations.find(id);
        if (organization === undefined) return refused(clerkErrors.organizationNotFound());
        memberships.endInTransaction(deps.membershipStore.ofOrganization(id), requester);
        organizations.delete(id);
        emit("deleted", renderDeletedOrganization(organization), requester);
        return done(organization);
      });
    },
  };
}

function newOrganization(
  id: string,
  slug: string,
  body: CreateOrganizationBody,
  at: number,
): OrganizationDocument {
  return {
    id,
    name: body.name,
    slug,
    public_metadata: body.public_metadata ?? {},
    private_metadata: body.private_metadata ?? {},
    created_by: body.created_by ?? null,
    created_at: body.created_at ? Date.parse(body.created_at) : at,
    updated_at: at,
  };
}
