import { type Context, Hono } from "hono";
import { z } from "zod";
import { guardControl, NotJsonError, readJson } from "./guard.ts";
import { envelope } from "../svix/events.ts";
import { createFaultRoutes } from "../faults/control.ts";
import type { Faults } from "../faults/fault.ts";
import { requesterOf } from "../http/answer.ts";
import type { RawUsers } from "../users/dictated.ts";
import { renderSession } from "../sessions/store.ts";
import type { Sessions } from "../sessions/service.ts";
import type { SigningKeys } from "../keys/rotation.ts";
import type { Storage } from "../storage/database.ts";
import type { Deliveries } from "../svix/deliveries.ts";
import { type Endpoint, endpointSettings } from "../svix/endpoint.ts";
import { messageFilter, type MessageLog } from "../svix/message_log.ts";
import type { Outbox } from "../svix/outbox.ts";
import { sessionClaims, signToken } from "../sessions/tokens.ts";
import type { UserStore } from "../users/store.ts";

const json = z.record(z.string(), z.unknown());

const sendBody = z.strictObject({
  type: z.string(),
  data: z.unknown(),
  timestamp: z.int().optional(),
  user_id: z.string().optional(),
});
const sessionBody = z.strictObject({
  user_id: z.string(),
  origin: z.string().nullable().default(null),
  status: z.enum(["active", "pending"]).default("active"),
  active_organization_id: z.string().nullable().default(null),
});
const tokenBody = z.strictObject({
  session_id: z.string().optional(),
  claims: json.default({}),
  header: json.default({}),
});

/** `/double`: what Clerk and Svix do not offer, or only in their dashboards. */
export function createControlRoutes(deps: {
  secretKey: string;
  storage: Storage;
  endpoint: Endpoint;
  deliveries: Deliveries;
  outbox: Outbox;
  log: MessageLog;
  sessions: Sessions;
  users: UserStore;
  rawUsers: RawUsers;
  keys: SigningKeys;
  faults: Faults;
  instanceId: string;
  issuerOf: (url: string) => string;
  now: () => number;
}): Hono {
  const { endpoint, deliveries, outbox, log, sessions, keys, instanceId, issuerOf, now } = deps;
  const routes = new Hono();
  routes.onError((error, context) => {
    if (error instanceof z.ZodError) return refuse(context, 400, z.prettifyError(error));
    if (error instanceof SyntaxError) return refuse(context, 400, "The body is not JSON");
    if (error instanceof NotJsonError) {
      return refuse(context, 415, "The body must have content-type: application/json");
    }
    throw error;
  });
  routes.use(guardControl(deps.secretKey));

  routes.get("/endpoint", (context) => context.json(endpoint.current()));
  routes.put("/endpoint", async (context) => {
    const settings = endpointSettings.partial().parse(await readJson(context));
    const changed = endpoint.change(settings);
    deliveries.wake();
    return context.json(changed);
  });

  routes.get("/messages", (context) => {
    const filter = messageFilter.parse(context.req.query());
    return context.json({ data: log.list(filter), counts: log.counts() });
  });
  routes.post("/messages", async (context) => {
    const { type, data, timestamp, user_id: userId } = sendBody.parse(await readJson(context));
    const requester = requesterOf(context);
    const body = envelope(type, data, timestamp ?? now(), instanceId, requester);
    const id = outbox.add(type, body, userId ?? null);
    if (id === null) return refuse(context, 409, "No endpoint takes this event");
    return context.json({ id });
  });
  routes.post("/messages/:id/resend", (context) => {
    const id = context.req.param("id");
    if (!log.resend(id)) return refuse(context, 404, `There is no message ${id}`);
    deliveries.wake();
    return context.json({ id });
  });
  routes.post("/deliver-now", (context) => {
    const due = log.deliverNow();
    deliveries.wake();
    return context.json({ due });
  });
  routes.get("/settled", async (context) => {
    await deliveries.settled();
    return context.json({ counts: log.counts() });
  });

  routes.post("/sessions", async (context) => {
    const { user_id: userId, origin, status, active_organization_id: organizationId } = sessionBody
      .parse(await readJson(context));
    const created = sessions.create(
      { userId, origin, status, organizationId },
      requesterOf(context),
    );
    if (!created.ok) return refuse(context, 409, created.failure.errors[0]?.long_message ?? "");
    return context.json(renderSession(created.value));
  });
  routes.post("/tokens", async (context) => {
    const { session_id: id, claims, header } = tokenBody.parse(await readJson(context));
    const sign = async (usual: Record<string, unknown>) =>
      context.json({ jwt: await signToken(keys.current(), { ...usual, ...claims }, header) });
    if (id === undefined) return await sign({});
    const found = sessions.get(id);
    if (!found.ok) return refuse(context, 404, `There is no session ${id}`);
    const subject = sessions.tokenSubject(found.value);
    return await sign(sessionClaims(subject, issuerOf(context.req.url), now()));
  });
  routes.put("/users/:id", async (context) => {
    const id = context.req.param("id");
    const user = json.nullable().parse(await readJson(context));
    deps.storage.transaction(() => {
      if (user) return deps.rawUsers.put(id, user);
      deps.rawUsers.delete(id);
      deps.users.delete(id);
    });
    return context.json({ id });
  });
  routes.route("/", createFaultRoutes({ keys, faults: deps.faults }));
  return routes;
}

function refuse(context: Context, status: 400 | 404 | 409 | 415, message: string): Response {
  return context.json({ message }, status);
}
