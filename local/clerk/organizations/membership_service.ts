import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import type { Events, Requester } from "../svix/events.ts";
import { newId } from "../ids.ts";
import type { MembershipStore } from "./membership_store.ts";
import type { CreateMembershipBody } from "./bodies.ts";
import type { MembershipDocument } from "./document.ts";
import type { OrganizationViews } from "./view.ts";
import { ORGANIZATION_ROLES } from "./roles.ts";
import type { OrganizationStore } from "./store.ts";
import type { SessionStore } from "../sessions/store.ts";
import type { Storage } from "../storage/database.ts";
import type { Endpoint } from "../svix/endpoint.ts";
import type { UserStore } from "../users/store.ts";

/** A change of a membership: the membership afterwards, or why not. */
export type MembershipChange = (membership: MembershipDocument) => Outcome<MembershipDocument>;

/** What can be done to memberships; each change is stored with the event that tells of it. */
export interface Memberships {
  create(
    organizationId: string,
    body: CreateMembershipBody,
    requester: Requester,
  ): Outcome<MembershipDocument>;
  /** As `create()`, for a caller that is in a transaction already and has checked it all. */
  addInTransaction(organizationId: string, body: CreateMembershipBody): MembershipDocument;
  change(
    organizationId: string,
    userId: string,
    requester: Requester,
    change: MembershipChange,
  ): Outcome<MembershipDocument>;
  /** Removes the member; what was shown of the membership last is the outcome. */
  delete(
    organizationId: string,
    userId: string,
    requester: Requester,
  ): Outcome<Record<string, unknown>>;
  /** Ends memberships because their organization or user is about to be deleted. */
  endInTransaction(memberships: readonly MembershipDocument[], requester: Requester): void;
  /** Tells of a membership that was added. */
  announce(membership: MembershipDocument, requester: Requester): void;
}

/** Memberships over the stored ones; `now` gives milliseconds since the Unix epoch. */
export function createMemberships(deps: {
  storage: Storage;
  organizations: OrganizationStore;
  memberships: MembershipStore;
  users: UserStore;
  sessions: SessionStore;
  views: OrganizationViews;
  events: Events;
  endpoint: Endpoint;
  now: () => number;
}): Memberships {
  const { storage, organizations, memberships, users, sessions, views, events, now } = deps;

  const emit = (type: string, membership: MembershipDocument, requester: Requester) => {
    const data = views.membership(membership);
    events.emit(`organizationMembership.${type}`, data, membership.user_id, requester);
    return data;
  };

  const find = (organizationId: string, userId: string): Outcome<MembershipDocument> => {
    if (organizations.find(organizationId) === undefined) {
      return refused(clerkErrors.organizationNotFound());
    }
    const membership = memberships.find(organizationId, userId);
    return membership === undefined ? refused(clerkErrors.membershipNotFound()) : done(membership);
  };

  const add = (organizationId: string, body: CreateMembershipBody) => {
    const at = now();
    const membership: MembershipDocument = {
      id: newId("orgmem", at),
      organization_id: organizationId,
      user_id: body.user_id,
      role: body.role,
      public_metadata: body.public_metadata ?? {},
      private_metadata: body.private_metadata ?? {},
      created_at: at,
      updated_at: at,
    };
    memberships.insert(membership);
    return membership;
  };

  const remove = (membership: MembershipDocument) => {
    memberships.delete(membership.id);
    sessions.leaveOrganization(membership.user_id, membership.organization_id, now());
  };

  return {
    addInTransaction: add,
    create(organizationId, body, requester) {
      return storage.transaction(() => {
        if (organizations.find(organizationId) === undefined) {
          return refused(clerkErrors.organizationNotFound());
        }
        const { user_id: userId, role } = body;
        if (users.find(userId) === undefined) return refused(clerkErrors.userNotFound(userId));
        if (!ORGANIZATION_ROLES.has(role)) {
          return refused(clerkErrors.organizationRoleNotFound("role"));
        }
        if (memberships.find(organizationId, userId) !== undefined) {
          return refused(clerkErrors.membershipExists(userId));
        }
        const membership = add(organizationId, body);
        emit("created", membership, requester);
        return done(membership);
      });
    },
    change(organizationId, userId, requester, change) {
      return storage.transaction(() => {
        const found = find(organizationId, userId);
        if (!found.ok) return found;
        const changed = change(found.value);
        if (!changed.ok) return changed;
        if (!ORGANIZATION_ROLES.has(changed.value.role)) {
          return refused(clerkErrors.organizationRoleNotFound("role"));
        }
        // As with users: two states of one membership never have the same `updated_at`.
        const at = Math.max(now(), found.value.updated_at + 1);
        const membership = { ...changed.value, "updated_at": at };
        memberships.update(membership);
        emit("updated", membership, requester);
        return done(membership);
      });
    },
    delete(organizationId, userId, requester) {
      return storage.transaction(() => {
        const found = find(organizationId, userId);
        if (!found.ok) return found;
        remove(found.value);
        return done(emit("deleted", found.value, requester));
      });
    },
    endInTransaction(ended, requester) {
      for (const membership of ended) {
        remove(membership);
        if (deps.endpoint.current().cascaded_events) emit("deleted", membership, requester);
      }
    },
    announce(membership, requester) {
      emit("created", membership, requester);
    },
  };
}
