import type { Context } from "../context.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import type { Requester } from "../http/requester.ts";
import { newId } from "../ids.ts";
import type { Endpoint } from "../svix/endpoint.ts";
import type { Emit } from "../svix/events.ts";
import type { UserStore } from "../users/store.ts";
import type { NewMembership } from "./bodies.ts";
import type { MembershipDocument } from "./document.ts";
import type { MembershipStore } from "./membership_store.ts";
import { organizationRoles } from "./roles.ts";
import type { OrganizationStore } from "./store.ts";
import type { OrganizationView } from "./view.ts";

/** Identifies a membership by its organization and user. */
export interface MembershipKey {
  readonly organizationId: string;
  readonly userId: string;
}

export type MembershipChange = (membership: MembershipDocument) => MembershipDocument;

/** Changes memberships. Stores each change together with its event. */
export interface MembershipService {
  create(
    organizationId: string,
    body: NewMembership,
    requester: Requester,
  ): Result<MembershipDocument>;
  change(
    key: MembershipKey,
    requester: Requester,
    change: MembershipChange,
  ): Result<MembershipDocument>;
  /** Removes the member. Returns the membership as its event shows it. */
  delete(key: MembershipKey, requester: Requester): Result<Readonly<Record<string, unknown>>>;
  /** Adds a member without checks and without an event. */
  add(organizationId: string, body: NewMembership): MembershipDocument;
  /** Sends the event of a membership that `add()` made. */
  announce(membership: MembershipDocument, requester: Requester): void;
  /** Ends memberships before their organization or user is deleted. */
  end(memberships: readonly MembershipDocument[], requester: Requester): void;
  /** Calls `cascade` after each membership's end, within the same transaction. */
  onEnd(cascade: (key: MembershipKey) => void): void;
}

export interface MembershipServiceDependencies extends Context {
  readonly organizationStore: OrganizationStore;
  readonly membershipStore: MembershipStore;
  readonly userStore: UserStore;
  readonly organizationView: OrganizationView;
  readonly emit: Emit;
  readonly endpoint: Endpoint;
}

export function createMembershipService(
  dependencies: MembershipServiceDependencies,
): MembershipService {
  const { storage, organizationStore, membershipStore, userStore, organizationView } = dependencies;
  const { endpoint, now } = dependencies;
  const endCascades: ((key: MembershipKey) => void)[] = [];

  function emit(
    change: "created" | "updated" | "deleted",
    membership: MembershipDocument,
    requester: Requester,
  ) {
    const shown = organizationView.membership(membership);
    const type = `organizationMembership.${change}`;
    dependencies.emit(type, shown, membership.user_id, requester);
    return shown;
  }

  function find({ organizationId, userId }: MembershipKey): Result<MembershipDocument> {
    if (!organizationStore.find(organizationId)) return clerkErrors.organizationNotFound();
    const membership = membershipStore.find(organizationId, userId);
    return membership ? succeed(membership) : clerkErrors.membershipNotFound();
  }

  function add(organizationId: string, body: NewMembership): MembershipDocument {
    const at = now();
    const membership = {
      id: newId("orgmem", at),
      organization_id: organizationId,
      user_id: body.user_id,
      role: body.role,
      public_metadata: body.public_metadata ?? {},
      private_metadata: body.private_metadata ?? {},
      created_at: at,
      updated_at: at,
    };
    membershipStore.insert(membership);
    return membership;
  }

  function remove(membership: MembershipDocument): void {
    const { id, organization_id: organizationId, user_id: userId } = membership;
    membershipStore.delete(id);
    for (const cascade of endCascades) cascade({ organizationId, userId });
  }

  return {
    add,
    create(organizationId, body, requester) {
      return storage.transaction(() => {
        const { user_id: userId, role } = body;
        if (!organizationStore.find(organizationId)) return clerkErrors.organizationNotFound();
        if (!userStore.find(userId)) return clerkErrors.userNotFound(userId);
        if (!organizationRoles.has(role)) return clerkErrors.organizationRoleNotFound("role");
        if (membershipStore.find(organizationId, userId)) {
          return clerkErrors.membershipExists(userId);
        }
        const membership = add(organizationId, body);
        emit("created", membership, requester);
        return succeed(membership);
      });
    },
    change(key, requester, change) {
      return storage.transaction(() => {
        const found = find(key);
        if (!found.ok) return found;
        const changed = change(found.value);
        if (!organizationRoles.has(changed.role)) {
          return clerkErrors.organizationRoleNotFound("role");
        }
        // As with users, two states of a membership never have the same `updated_at`.
        const at = Math.max(now(), found.value.updated_at + 1);
        const membership = { ...changed, updated_at: at };
        membershipStore.update(membership);
        emit("updated", membership, requester);
        return succeed(membership);
      });
    },
    delete(key, requester) {
      return storage.transaction(() => {
        const found = find(key);
        if (!found.ok) return found;
        remove(found.value);
        return succeed(emit("deleted", found.value, requester));
      });
    },
    announce(membership, requester) {
      emit("created", membership, requester);
    },
    end(memberships, requester) {
      for (const membership of memberships) {
        remove(membership);
        if (endpoint.current().cascaded_events) emit("deleted", membership, requester);
      }
    },
    onEnd: (cascade) => endCascades.push(cascade),
  };
}
