import { Hono } from "hono";
import { z } from "zod";
import type { Deliveries } from "../deliveries.ts";
import {
  type EndpointStore,
  endpointUrl,
  type ReachableEndpoint,
  validSecrets,
} from "../endpoint_store.ts";
import type { MessageLog } from "../message_log.ts";
import { newSecret, rotated } from "../secrets.ts";
import { renderEndpoint } from "./endpoint_view.ts";
import { notFound, readBody, readQuery, refuse } from "./errors.ts";
import { pageParameters, renderPage } from "./page.ts";

const fields = {
  url: endpointUrl,
  uid: z.string().regex(/^[a-zA-Z0-9\-_.]{1,256}$/).nullable(),
  description: z.string(),
  disabled: z.boolean(),
  eventTypes: z.array(z.string()).min(1).nullable(),
  metadata: z.record(z.string(), z.string()),
};
const changed = z.strictObject(fields).partial();
const created = changed.extend({ url: fields.url });
const rotation = z.strictObject({
  key: z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/).nullish(),
  gracePeriodSeconds: z.int().nonnegative().nullish(),
});
const listed = z.strictObject(pageParameters);

/** Seconds that a rotated secret goes on signing. */
const usualGrace = 86_400;

export interface EndpointRoutesDependencies {
  readonly endpointStore: EndpointStore;
  readonly deliveries: Deliveries;
  readonly messageLog: MessageLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `/endpoint` of an app: what becomes of an endpoint, and its secret. */
export function createEndpointRoutes(dependencies: EndpointRoutesDependencies): Hono {
  const { endpointStore, deliveries, messageLog, now } = dependencies;
  const routes = new Hono();

  /** Finds an endpoint by its id or uid. */
  function find(idOrUid: string): ReachableEndpoint | undefined {
    return endpointStore.reachable().find(({ id, uid }) => id === idOrUid || uid === idOrUid);
  }

  function isTaken(uid: string | null | undefined, by?: string): boolean {
    return typeof uid === "string" &&
      endpointStore.reachable().some((one) => one.uid === uid && one.id !== by);
  }

  function save(id: string, change: z.infer<typeof changed>): Response {
    const { eventTypes, ...same } = change;
    endpointStore.change(id, {
      ...same,
      ...(eventTypes === undefined ? {} : { event_types: eventTypes }),
    });
    if (change.disabled) messageLog.giveUp(id);
    deliveries.wake();
    const endpoint = find(id);
    return endpoint ? Response.json(renderEndpoint(endpoint)) : notFound();
  }

  routes.get("/", (context) => {
    const page = readQuery(context, listed);
    if (page instanceof Response) return page;
    const all = endpointStore.reachable();
    const start = all.findIndex(({ id }) => id === page.iterator) + 1;
    const end = start + page.limit;
    return Response.json(renderPage(all.slice(start, end).map(renderEndpoint), end >= all.length));
  });
  routes.post("/", async (context) => {
    const body = await readBody(context, created);
    if (body instanceof Response) return body;
    if (isTaken(body.uid)) return refuse(409, "conflict", "The uid is taken");
    const secrets = [{ key: newSecret(), until: null }];
    return save(endpointStore.create({ secrets }).id, body);
  });
  routes.get("/:endpoint", (context) => {
    const endpoint = find(context.req.param("endpoint"));
    return endpoint ? Response.json(renderEndpoint(endpoint)) : notFound();
  });
  routes.patch("/:endpoint", async (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const body = await readBody(context, changed);
    if (body instanceof Response) return body;
    if (isTaken(body.uid, endpoint.id)) return refuse(409, "conflict", "The uid is taken");
    return save(endpoint.id, body);
  });

  routes.get("/:endpoint/secret", (context) => {
    const endpoint = find(context.req.param("endpoint"));
    return endpoint ? Response.json({ key: validSecrets(endpoint, now())[0] ?? "" }) : notFound();
  });
  routes.post("/:endpoint/secret/rotate", async (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const body = await readBody(context, rotation);
    if (body instanceof Response) return body;
    const { key, gracePeriodSeconds } = body;
    const until = now() + (gracePeriodSeconds ?? usualGrace) * 1000;
    endpointStore.change(endpoint.id, {
      secrets: rotated(endpoint.secrets, key ?? newSecret(), until),
    });
    return new Response(null, { status: 204 });
  });
  return routes;
}
