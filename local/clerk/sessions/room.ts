import type { Hono } from "hono";
import type { Context } from "../context.ts";
import type { Keys } from "../keys/room.ts";
import type { Organizations } from "../organizations/room.ts";
import type { Emit } from "../svix/events.ts";
import type { Users } from "../users/room.ts";
import { createSessionControl } from "./control.ts";
import { createSessionRoutes } from "./routes.ts";
import { createSessionService, type SessionService } from "./service.ts";
import { createSessionStore, type SessionStore } from "./store.ts";

export interface SessionsContext extends Context {
  readonly users: Users;
  readonly organizations: Organizations;
  readonly keys: Keys;
  readonly emit: Emit;
  /** The `azp` of the tokens of ordinary sessions; null for none. */
  readonly origin: string | null;
}

export interface Sessions {
  readonly store: SessionStore;
  readonly service: SessionService;
  readonly routes: Hono;
  readonly control: Hono;
}

export function createSessions(context: SessionsContext): Sessions {
  const { storage, now, users, organizations, keys } = context;
  const sessionStore = createSessionStore(storage);
  const integrations = { supabase: true };
  const sessionService = createSessionService({
    ...context,
    sessionStore,
    integrations,
    userService: users.service,
    organizationStore: organizations.store,
    membershipStore: organizations.membershipStore,
  });
  users.service.onBan(sessionService.revokeAll);
  users.service.onDelete(({ id }) => sessionStore.endAll(id, "ended", now()));
  organizations.membershipService.onEnd(({ organizationId, userId }) =>
    sessionStore.leaveOrganization(userId, organizationId, now())
  );

  const dependencies = {
    ...context,
    sessionStore,
    sessionService,
    integrations,
    signingKeys: keys.signingKeys,
  };
  return {
    store: sessionStore,
    service: sessionService,
    routes: createSessionRoutes(dependencies),
    control: createSessionControl(dependencies),
  };
}
