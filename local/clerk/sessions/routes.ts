import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../context.ts";
import { answer, queryOf, refuse } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { clerkErrors } from "../http/errors.ts";
import { requesterOf } from "../http/requester.ts";
import type { SigningKeys } from "../keys/rotation.ts";
import type { SessionService } from "./service.ts";
import { readSessionFilter } from "./listing.ts";
import type { SessionStore } from "./store.ts";
import { sessionClaims, signToken } from "./tokens.ts";
import { renderSession } from "./view.ts";

const newSession = z.object({
  user_id: z.string(),
  active_organization_id: z.string().nullish(),
});

const newToken = z.object({ expires_in_seconds: z.int().min(30).max(315_360_000).nullish() });

export interface SessionRoutesDependencies extends Context {
  readonly sessionService: SessionService;
  readonly sessionStore: SessionStore;
  readonly signingKeys: SigningKeys;
  /** The tokens' `azp`; null for none. */
  readonly origin: string | null;
}

/** `/v1/sessions`. */
export function createSessionRoutes(dependencies: SessionRoutesDependencies): Hono {
  const { sessionService, sessionStore, signingKeys, origin, issuerOf, now } = dependencies;
  const routes = new Hono();

  routes.get("/sessions", (context) => {
    const filter = readSessionFilter(queryOf(context));
    return answer(filter, (filter) => sessionStore.list(filter).map(renderSession));
  });
  routes.post("/sessions", async (context) => {
    const body = await readBody(context, newSession);
    if (!body.ok) return refuse(body);
    const { user_id: userId, active_organization_id: organizationId = null } = body.value;
    const session = { userId, origin, status: "active", organizationId } as const;
    return answer(sessionService.create(session, requesterOf(context)), renderSession);
  });
  routes.get(
    "/sessions/:session_id",
    (context) => answer(sessionService.get(context.req.param("session_id")), renderSession),
  );
  routes.post(
    "/sessions/:session_id/revoke",
    (context) =>
      answer(
        sessionService.revoke(context.req.param("session_id"), requesterOf(context)),
        renderSession,
      ),
  );
  routes.post("/sessions/:session_id/tokens", async (context) => {
    const body = await readBody(context, newToken);
    if (!body.ok) return refuse(body);
    const session = sessionService.get(context.req.param("session_id"));
    if (!session.ok) return refuse(session);
    const { id, status } = session.value;
    // As at Clerk, a pending session has tokens too.
    if (status !== "active" && status !== "pending") {
      return refuse(clerkErrors.sessionNotFound(id));
    }
    const subject = sessionService.tokenSubject(session.value);
    const life = body.value.expires_in_seconds ?? undefined;
    const claims = sessionClaims(subject, issuerOf(context.req.url), now(), life);
    return Response.json({ object: "token", jwt: await signToken(signingKeys.current(), claims) });
  });
  return routes;
}
