import { Hono } from "hono";
import { z } from "zod";
import type { Context } from "../context.ts";
import { readJson, refuse } from "../control/json.ts";
import { requesterOf } from "../http/requester.ts";
import { attemptFilter, createListAttempts } from "./attempt_log.ts";
import type { Deliveries } from "./deliveries.ts";
import { type Endpoint, endpointSettings } from "./endpoint.ts";
import { envelope } from "./events.ts";
import { messageFilter, type MessageLog } from "./message_log.ts";
import type { Outbox } from "./outbox.ts";

const endpointChange = endpointSettings.partial();

const release = z.strictObject({ newest_first: z.boolean().default(false) });

const sentMessage = z.strictObject({
  type: z.string(),
  data: z.unknown(),
  timestamp: z.int().optional(),
  user_id: z.string().optional(),
});

export interface SvixControlDependencies extends Context {
  readonly endpoint: Endpoint;
  readonly deliveries: Deliveries;
  readonly outbox: Outbox;
  readonly messageLog: MessageLog;
}

/** `/double/endpoint`, `/double/messages` and `/double/attempts`, for what Svix' portal offers. */
export function createSvixControl(dependencies: SvixControlDependencies): Hono {
  const { endpoint, deliveries, outbox, messageLog, storage, instanceId, now } = dependencies;
  const listAttempts = createListAttempts(storage);
  const control = new Hono();

  control.get("/endpoint", () => Response.json(endpoint.current()));
  control.put("/endpoint", async (context) => {
    const changed = endpoint.change(await readJson(context, endpointChange));
    deliveries.wake();
    return Response.json(changed);
  });

  control.get("/messages", (context) => {
    const filter = messageFilter.parse(context.req.query());
    return Response.json({ data: messageLog.list(filter), counts: messageLog.counts() });
  });
  control.post("/messages", async (context) => {
    const { type, data, timestamp = now(), user_id: userId = null } = await readJson(
      context,
      sentMessage,
    );
    const body = envelope(type, data, { instanceId, requester: requesterOf(context), timestamp });
    const id = outbox.add(type, body, userId);
    return id === null ? refuse(409, "No endpoint takes this event") : Response.json({ id });
  });
  control.post("/messages/:id/resend", (context) => {
    const id = context.req.param("id");
    if (!messageLog.resend(id)) return refuse(404, `There is no message ${id}`);
    deliveries.wake();
    return Response.json({ id });
  });

  control.get("/attempts", (context) => {
    return Response.json({ data: listAttempts(attemptFilter.parse(context.req.query())) });
  });

  control.post("/release", async (context) => {
    const { newest_first: newestFirst } = await readJson(context, release);
    if (newestFirst) messageLog.turnAround();
    const released = endpoint.change({ paused: false });
    deliveries.wake();
    return Response.json(released);
  });
  control.post("/deliver-now", () => {
    const due = messageLog.deliverNow();
    deliveries.wake();
    return Response.json({ due });
  });
  control.get("/settled", async () => {
    await deliveries.settled();
    return Response.json({ counts: messageLog.counts() });
  });
  return control;
}
