import type { Context } from "../context.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import type { Requester } from "../http/requester.ts";
import { newId } from "../ids.ts";
import type { Emit } from "../svix/events.ts";
import type { UserStore } from "../users/store.ts";
import type { NewOrganization } from "./bodies.ts";
import type { OrganizationDocument } from "./document.ts";
import type { MembershipService } from "./membership_service.ts";
import type { MembershipStore } from "./membership_store.ts";
import { creatorRole } from "./roles.ts";
import { freeSlug, slugFor } from "./slugs.ts";
import type { OrganizationStore } from "./store.ts";
import { type OrganizationView, renderDeletedOrganization } from "./view.ts";

export type OrganizationChange = (organization: OrganizationDocument) => OrganizationDocument;

/** Changes organizations. Stores each change together with its event. */
export interface OrganizationService {
  get(id: string): Result<OrganizationDocument>;
  getByIdOrSlug(idOrSlug: string): Result<OrganizationDocument>;
  /** Creates an organization. The user `created_by` becomes its first member. */
  create(body: NewOrganization, requester: Requester): Result<OrganizationDocument>;
  change(
    id: string,
    requester: Requester,
    change: OrganizationChange,
  ): Result<OrganizationDocument>;
  /** Deletes the organization and its memberships for good. */
  delete(id: string, requester: Requester): Result<OrganizationDocument>;
}

export interface OrganizationServiceDependencies extends Context {
  readonly organizationStore: OrganizationStore;
  readonly membershipStore: MembershipStore;
  readonly membershipService: MembershipService;
  readonly userStore: UserStore;
  readonly organizationView: OrganizationView;
  readonly emit: Emit;
}

export function createOrganizationService(
  dependencies: OrganizationServiceDependencies,
): OrganizationService {
  const { storage, organizationStore, membershipStore, membershipService } = dependencies;
  const { userStore, organizationView, now } = dependencies;

  function emit(
    change: "created" | "updated" | "deleted",
    shown: Readonly<Record<string, unknown>>,
    requester: Requester,
  ): void {
    dependencies.emit(`organization.${change}`, shown, null, requester);
  }

  function resultOf(organization: OrganizationDocument | undefined): Result<OrganizationDocument> {
    return organization ? succeed(organization) : clerkErrors.organizationNotFound();
  }

  const get = (id: string) => resultOf(organizationStore.find(id));

  return {
    get,
    getByIdOrSlug: (idOrSlug) =>
      resultOf(organizationStore.find(idOrSlug) ?? organizationStore.findBySlug(idOrSlug)),
    create(body, requester) {
      return storage.transaction(() => {
        const at = now();
        const { created_by: creator = null } = body;
        if (creator !== null && !userStore.find(creator)) {
          return clerkErrors.organizationCreatorNotFound(creator);
        }
        const id = newId("org", at);
        const slug = body.slug
          ? freeSlug(body.slug, id, organizationStore)
          : succeed(slugFor(body.name, at, organizationStore));
        if (!slug.ok) return slug;
        const organization = {
          id,
          name: body.name,
          slug: slug.value,
          public_metadata: body.public_metadata ?? {},
          private_metadata: body.private_metadata ?? {},
          created_by: creator,
          created_at: body.created_at ? Date.parse(body.created_at) : at,
          updated_at: at,
        };
        organizationStore.insert(organization);
        const membership = creator === null
          ? undefined
          : membershipService.add(id, { user_id: creator, role: creatorRole });
        emit("created", organizationView.organization(organization), requester);
        if (membership) membershipService.announce(membership, requester);
        return succeed(organization);
      });
    },
    change(id, requester, change) {
      return storage.transaction(() => {
        const before = get(id);
        if (!before.ok) return before;
        const changed = change(before.value);
        const slug = freeSlug(changed.slug, id, organizationStore);
        if (!slug.ok) return slug;
        // As with users, two states of an organization never have the same `updated_at`.
        const at = Math.max(now(), before.value.updated_at + 1);
        const organization = { ...changed, updated_at: at };
        organizationStore.update(organization);
        emit("updated", organizationView.organization(organization), requester);
        return succeed(organization);
      });
    },
    delete(id, requester) {
      return storage.transaction(() => {
        const found = get(id);
        if (!found.ok) return found;
        membershipService.end(membershipStore.ofOrganization(id), requester);
        organizationStore.delete(id);
        emit("deleted", renderDeletedOrganization(found.value), requester);
        return found;
      });
    },
  };
}
