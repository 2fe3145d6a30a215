import type { Context } from "../context.ts";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import type { Requester } from "../http/requester.ts";
import { newId } from "../ids.ts";
import type { MembershipStore } from "../organizations/membership_store.ts";
import type { OrganizationStore } from "../organizations/store.ts";
import type { Emit } from "../svix/events.ts";
import type { UserDocument } from "../users/document.ts";
import type { UserService } from "../users/service.ts";
import { renderUser } from "../users/view.ts";
import type { SessionDocument } from "./document.ts";
import type { SessionStore } from "./store.ts";
import type { ActiveOrganization, TokenSubject } from "./tokens.ts";
import { renderSession } from "./view.ts";

/** Milliseconds. */
const day = 86_400_000;
const expiresAfter = 7 * day;
const abandonedAfter = 30 * day;

export interface NewSession {
  readonly userId: string;
  /** The tokens' `azp`; null for none. */
  readonly origin: string | null;
  readonly status: "active" | "pending";
  /** The active organization; null for none. The user must be a member of it. */
  readonly organizationId: string | null;
  /** The browser that signs in; by default one of its own. */
  readonly clientId?: string;
}

/** Clerk's integrations, as its dashboard switches them. */
export interface Integrations {
  /** Adds the claim `role` to session tokens. */
  supabase: boolean;
}

export interface SessionService {
  get(id: string): Result<SessionDocument>;
  /** Signs the user in, and sets their `last_sign_in_at` and `last_active_at`. */
  create(session: NewSession, requester: Requester): Result<SessionDocument>;
  /** The content of a token that the session gets now. */
  tokenSubject(session: SessionDocument): TokenSubject;
  /** Makes an organization, or none, the active one. The user must be a member of it. */
  activate(session: SessionDocument, organizationId: string | null): Result<SessionDocument>;
  /** Ends a session: it gets no more tokens. */
  revoke(id: string, requester: Requester): Result<SessionDocument>;
  /** Revokes a banned user's sessions. */
  revokeAll(user: UserDocument, requester: Requester): void;
}

export interface SessionServiceDependencies extends Context {
  readonly sessionStore: SessionStore;
  readonly userService: UserService;
  readonly organizationStore: OrganizationStore;
  readonly membershipStore: MembershipStore;
  readonly emit: Emit;
  readonly integrations: Integrations;
}

export function createSessionService(dependencies: SessionServiceDependencies): SessionService {
  const { storage, sessionStore, userService, organizationStore, membershipStore } = dependencies;
  const { instanceId, now } = dependencies;

  function emit(
    change: "created" | "revoked",
    session: SessionDocument,
    user: UserDocument,
    requester: Requester,
  ): void {
    const shown = { ...renderSession(session), user: renderUser(user, instanceId) };
    dependencies.emit(`session.${change}`, shown, user.id, requester);
  }

  function get(id: string): Result<SessionDocument> {
    const session = sessionStore.find(id);
    return session ? succeed(session) : clerkErrors.sessionNotFound(id);
  }

  function activeOrganization(userId: string, id: string | null): ActiveOrganization | undefined {
    if (id === null) return undefined;
    const organization = organizationStore.find(id);
    const membership = membershipStore.find(id, userId);
    if (!organization || !membership) return undefined;
    return { id, slug: organization.slug, role: membership.role };
  }

  return {
    get,
    create({ userId, origin, status, organizationId, clientId }, requester) {
      return storage.transaction(() => {
        const found = userService.get(userId);
        if (!found.ok) return found;
        if (found.value.banned) return clerkErrors.userBanned();
        if (organizationId !== null && !activeOrganization(userId, organizationId)) {
          return clerkErrors.organizationNotFoundOrUnauthorized();
        }
        const at = now();
        const signedIn = userService.change(userId, requester, (user) =>
          succeed({
            ...user,
            last_sign_in_at: at,
            // Clerk keeps only the day of the last activity.
            last_active_at: at - (at % day),
          }));
        if (!signedIn.ok) return signedIn;
        const session = {
          id: newId("sess", at),
          user_id: userId,
          client_id: clientId ?? newId("client", at),
          status,
          origin,
          user_agent: requester.userAgent,
          last_active_organization_id: organizationId,
          last_active_at: at,
          expire_at: at + expiresAfter,
          abandon_at: at + abandonedAfter,
          created_at: at,
          updated_at: at,
        };
        sessionStore.insert(session);
        if (status === "active") emit("created", session, signedIn.value, requester);
        return succeed(session);
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
        withoutRole: !dependencies.integrations.supabase,
      };
    },
    activate(session, organizationId) {
      return storage.transaction(() => {
        if (organizationId !== null && !activeOrganization(session.user_id, organizationId)) {
          return clerkErrors.organizationNotFoundOrUnauthorized();
        }
        const at = now();
        return succeed(sessionStore.touch(session, {
          last_active_organization_id: organizationId,
          last_active_at: at,
          updated_at: at,
        }));
      });
    },
    revoke(id, requester) {
      return storage.transaction(() => {
        const session = get(id);
        if (!session.ok) return session;
        const user = userService.get(session.value.user_id);
        if (!user.ok) return user;
        sessionStore.end(id, "revoked", now());
        const revoked = get(id);
        if (revoked.ok) emit("revoked", revoked.value, user.value, requester);
        return revoked;
      });
    },
    revokeAll(user, requester) {
      for (const session of sessionStore.endAll(user.id, "revoked", now())) {
        emit("revoked", session, user, requester);
      }
    },
  };
}
