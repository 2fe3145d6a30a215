import { Hono } from "hono";
import { z } from "zod";
import { clerkErrors } from "../http/errors.ts";
import { answer, answerFailure, requesterOf } from "../http/answer.ts";
import { readBody } from "../http/body.ts";
import { renderSession } from "./store.ts";
import type { Sessions } from "./service.ts";
import type { SigningKeys } from "../keys/rotation.ts";
import { sessionClaims, signToken } from "./tokens.ts";

const createSessionBody = z.object({
  user_id: z.string(),
  active_organization_id: z.string().nullish(),
});

const LIFETIME_SECONDS = { minimum: 30, maximum: 315_360_000 };
const createTokenBody = z.object({
  expires_in_seconds: z.int().min(LIFETIME_SECONDS.minimum).max(LIFETIME_SECONDS.maximum).nullish(),
});

/** `/v1/sessions`. */
export function createSessionRoutes(deps: {
  sessions: Sessions;
  keys: SigningKeys;
  origin: string | null;
  issuerOf: (url: string) => string;
  now: () => number;
}): Hono {
  const { sessions, keys, origin, issuerOf, now } = deps;
  const routes = new Hono();

  routes.post("/", async (context) => {
    const body = await readBody(context.req.raw, createSessionBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const { user_id: userId, active_organization_id: organizationId = null } = body.value;
    const session = { userId, origin, status: "active", organizationId } as const;
    return answer(context, sessions.create(session, requesterOf(context)), renderSession);
  });
  routes.get(
    "/:session_id",
    (context) => answer(context, sessions.get(context.req.param("session_id")), renderSession),
  );
  routes.post("/:session_id/tokens", async (context) => {
    const body = await readBody(context.req.raw, createTokenBody);
    if (!body.ok) return answerFailure(context, body.failure);
    const id = context.req.param("session_id");
    const found = sessions.get(id);
    if (!found.ok) return answerFailure(context, found.failure);
    const { status } = found.value;
    // A pending session has tokens too, as at Clerk.
    if (status !== "active" && status !== "pending") {
      return answerFailure(context, clerkErrors.sessionNotFound(id));
    }
    const claims = sessionClaims(
      sessions.tokenSubject(found.value),
      issuerOf(context.req.url),
      now(),
      body.value.expires_in_seconds ?? undefined,
    );
    return Response.json({ object: "token", jwt: await signToken(keys.current(), claims) });
  });
  return routes;
}
