import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import type { Events, Requester } from "../svix/events.ts";
import { newId } from "../ids.ts";
import type { MembershipStore } from "../organizations/membership_store.ts";
import type { ActiveOrganization } from "./organization_claims.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import { renderSession, type SessionDocument, type SessionStore } from "./store.ts";
import type { Storage } from "../storage/database.ts";
import type { TokenSubject } from "./tokens.ts";
import { renderUser } from "../users/view.ts";
import type { Users } from "../users/service.ts";

const DAY_MS = 86_400_000;
const EXPIRES_AFTER_MS = 7 * DAY_MS;
const ABANDONED_AFTER_MS = 30 * DAY_MS;

/** What a new session is to be. */
export interface NewSession {
  userId: string;
  /** What its tokens name as `azp`; null for none. */
  origin: string | null;
  status: "active" | "pending";
  /** The organization that it is active in, which the user must be a member of; null for none. */
  organizationId: string | null;
}

/** What can be done to sessions. */
export interface Sessions {
  get(id: string): Outcome<SessionDocument>;
  /** Signs the user in: a session, and the user's new `last_sign_in_at` and `last_active_at`. */
  create(session: NewSession, requester: Requester): Outcome<SessionDocument>;
  /** What a token of the session says now. */
  tokenSubject(session: SessionDocument): TokenSubject;
}

/** Sessions over the stored ones; a sign-in changes the user through `users`. */
export function createSessions(deps: {
  storage: Storage;
  users: Users;
  sessions: SessionStore;
  organizations: OrganizationStore;
  memberships: MembershipStore;
  events: Events;
  instanceId: string;
  now: () => number;
}): Sessions {
  const { storage, users, sessions, events, instanceId, now } = deps;
  const find = (id: string) => {
    const session = sessions.find(id);
    return session === undefined ? refused(clerkErrors.sessionNotFound(id)) : done(session);
  };
  const activeOrganization = (
    userId: string,
    id: string | null,
  ): ActiveOrganization | undefined => {
    if (id === null) return undefined;
    const organization = deps.organizations.find(id);
    const membership = deps.memberships.find(id, userId);
    if (organization === undefined || membership === undefined) return undefined;
    return { id, slug: organization.slug, role: membership.role };
  };
  return {
    get: find,
    create({ userId, origin, status, organizationId }, requester) {
      return storage.transaction(() => {
        const found = users.get(userId);
        if (!found.ok) return found;
        if (found.value.banned) return refused(clerkErrors.userBanned());
        if (organizationId !== null && activeOrganization(userId, organizationId) === undefined) {
          return refused(clerkErrors.organizationNotFoundOrUnauthorized());
        }
        const at = now();
        const session: SessionDocument = {
          id: newId("sess", at),
          "user_id": userId,
          "client_id": newId("client", at),
          status,
          origin,
          "user_agent": requester.userAgent,
          "last_active_organization_id": organizationId,
          "last_active_at": at,
          "expire_at": at + EXPIRES_AFTER_MS,
          "abandon_at": at + ABANDONED_AFTER_MS,
          "created_at": at,
          "updated_at": at,
        };
        const signedIn = users.changeInTransaction(userId, requester, (user) =>
          done({
            ...user,
            last_sign_in_at: at,
            // Clerk keeps the last activity with day precision.
            last_active_at: at - (at % DAY_MS),
          }));
        if (!signedIn.ok) return signedIn;
        sessions.insert(session);
        const user = renderUser(signedIn.value, instanceId);
        if (status === "active") {
          events.emit("session.created", { ...renderSession(session), user }, userId, requester);
        }
        return done(session);
      });
    },
    tokenSubject(session) {
      return {
        sessionId: session.id,
        userId: session.user_id,
        status: session.status === "pending" ? "pending" : "active",
        origin: session.origin,
        verifiedAt: session.created_at,
        organization: activeOrganization(session.user_id, session.last_active_organization_id),
      };
    },
  };
}
