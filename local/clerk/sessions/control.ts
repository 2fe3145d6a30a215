import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../context.ts";
import { readJson, refuse } from "../control/json.ts";
import { requesterOf } from "../http/requester.ts";
import type { SigningKeys } from "../keys/rotation.ts";
import type { Integrations, SessionService } from "./service.ts";
import { sessionClaims, signToken } from "./tokens.ts";
import { renderSession } from "./view.ts";

const json = z.record(z.string(), z.unknown());

const switches = z.strictObject({ supabase: z.boolean() });

const newSession = z.strictObject({
  user_id: z.string(),
  origin: z.string().nullable().default(null),
  status: z.enum(["active", "pending"]).default("active"),
  active_organization_id: z.string().nullable().default(null),
});

const newToken = z.strictObject({
  session_id: z.string().optional(),
  claims: json.default({}),
  header: json.default({}),
});

export interface SessionControlDependencies extends Context {
  readonly sessionService: SessionService;
  readonly signingKeys: SigningKeys;
  readonly integrations: Integrations;
}

/**
 * `/double/sessions`, `/double/tokens` and `/double/integrations`: sessions of any origin and state, tokens
 * with any claims, and what Clerk's dashboard switches.
 */
export function createSessionControl(dependencies: SessionControlDependencies): Hono {
  const { sessionService, signingKeys, integrations, issuerOf, now } = dependencies;
  const control = new Hono();

  control.post("/sessions", async (context) => {
    const { user_id: userId, active_organization_id: organizationId, origin, status } =
      await readJson(context, newSession);
    const session = { userId, origin, status, organizationId };
    const created = sessionService.create(session, requesterOf(context));
    if (!created.ok) return refuse(409, created.failure.errors[0]?.long_message ?? "");
    return Response.json(renderSession(created.value));
  });

  control.post("/tokens", async (context) => {
    const { session_id: id, claims, header } = await readJson(context, newToken);
    const sign = async (usual: Readonly<Record<string, unknown>>) =>
      Response.json({
        jwt: await signToken(signingKeys.current(), { ...usual, ...claims }, header),
      });
    if (id === undefined) return await sign({});
    const session = sessionService.get(id);
    if (!session.ok) return refuse(404, `There is no session ${id}`);
    const subject = sessionService.tokenSubject(session.value);
    return await sign(sessionClaims(subject, issuerOf(context.req.url), now()));
  });
  control.put("/integrations", async (context) => {
    Object.assign(integrations, await readJson(context, switches));
    return Response.json(integrations);
  });
  return control;
}
