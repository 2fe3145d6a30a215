import type { Context } from "../context.ts";
import type { Keys } from "../keys/room.ts";
import type { MembershipDocument, OrganizationDocument } from "../organizations/document.ts";
import type { Organizations } from "../organizations/room.ts";
import { renderPublicUserData } from "../organizations/view.ts";
import type { SessionDocument } from "../sessions/document.ts";
import type { Sessions } from "../sessions/room.ts";
import { sessionClaims, signToken } from "../sessions/tokens.ts";
import { renderSession } from "../sessions/view.ts";
import type { UserDocument } from "../users/document.ts";
import type { Users } from "../users/room.ts";
import { renderUser } from "../users/view.ts";
import { renderSignIn, renderSignUp } from "./attempt_view.ts";
import type { ClientDocument } from "./document.ts";

type Json = Readonly<Record<string, unknown>>;

/** Shows a browser what its user may know. The tokens' issuer is the address that `url` was sent to. */
export interface FrontendView {
  client(client: ClientDocument, url: string): Promise<Json>;
  session(session: SessionDocument, url: string): Promise<Json>;
  /** A token of the session. Without an organization given, it names the session's active one. */
  token(session: SessionDocument, url: string, organizationId?: string | null): Promise<Json>;
  user(user: UserDocument): Json;
  membership(membership: MembershipDocument): Json;
  organization(organization: OrganizationDocument): Json;
}

export interface FrontendViewDependencies extends Context {
  readonly users: Users;
  readonly organizations: Organizations;
  readonly sessions: Sessions;
  readonly keys: Keys;
}

export function createFrontendView(dependencies: FrontendViewDependencies): FrontendView {
  const { users, organizations, sessions, keys, instanceId, issuerOf, now } = dependencies;

  const view: FrontendView = {
    organization: (organization) => withoutPrivate(organizations.view.organization(organization)),
    membership(membership) {
      const shown = withoutPrivate(organizations.view.membership(membership));
      const organization = organizations.store.find(membership.organization_id);
      return { ...shown, organization: organization && view.organization(organization) };
    },
    user: (user) => ({
      ...withoutPrivate(renderUser(user, instanceId)),
      organization_memberships: organizations.membershipStore.ofUser(user.id).map(view.membership),
    }),
    async token(session, url, organizationId = session.last_active_organization_id) {
      const subject = sessions.service.tokenSubject({
        ...session,
        last_active_organization_id: organizationId,
      });
      const claims = sessionClaims(subject, issuerOf(url), now());
      return { object: "token", jwt: await signToken(keys.signingKeys.current(), claims) };
    },
    async session(session, url) {
      const user = users.store.find(session.user_id);
      return {
        ...renderSession(session),
        user: user && view.user(user),
        public_user_data: user && renderPublicUserData(user, instanceId),
        factor_verification_age: [Math.floor((now() - session.created_at) / 60_000), -1],
        last_active_token: await view.token(session, url),
      };
    },
    async client(client, url) {
      const open = sessions.store.ofClient(client.id);
      const isOpen = open.some(({ id }) => id === client.last_active_session_id);
      return {
        object: "client",
        id: client.id,
        sessions: await Promise.all(open.map((session) => view.session(session, url))),
        sign_in: client.sign_in && renderSignIn(client.sign_in),
        sign_up: client.sign_up && renderSignUp(client.sign_up),
        last_active_session_id: isOpen ? client.last_active_session_id : open.at(-1)?.id ?? null,
        last_authentication_strategy: null,
        cookie_expires_at: null,
        captcha_bypass: false,
        created_at: client.created_at,
        updated_at: client.updated_at,
      };
    },
  };
  return view;
}

/** What the Backend API shows, without what a browser never sees. */
function withoutPrivate({ private_metadata: _private, ...rest }: Json): Json {
  return rest;
}
