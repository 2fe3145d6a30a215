import { Hono } from "hono";
import { z } from "zod";
import { newId } from "../../ids.ts";
import type { Deliveries } from "../deliveries.ts";
import type { EndpointHistory } from "../endpoint_history.ts";
import type { EndpointStore } from "../endpoint_store.ts";
import { renderAttempt } from "./attempt_view.ts";
import { notFound, readBody, readQuery, refuseInvalid, time } from "./errors.ts";
import { pageParameters, renderPage } from "./page.ts";

const span = z.strictObject({ since: time, until: time.nullish() });
const statistics = z.strictObject({ since: time.optional(), until: time.optional() });
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const attemptsListed = z.strictObject({
  ...pageParameters,
  /** 0: success, 2: failure. */
  status: z.enum(["0", "2"]).optional(),
  after: time.optional(),
  before: time.optional(),
  with_content: flag.default(true),
  with_msg: flag.default(false),
  expanded_statuses: flag.default(false),
});

/** Milliseconds: 14 days, and 5 minutes for clocks that disagree. Svix recovers nothing older. */
const recoverable = 14 * 86_400_000 + 5 * 60_000;

export interface DeliveryRoutesDependencies {
  readonly endpointStore: EndpointStore;
  readonly endpointHistory: EndpointHistory;
  readonly deliveries: Deliveries;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What became of an endpoint's messages, and how they are delivered again. */
export function createDeliveryRoutes(dependencies: DeliveryRoutesDependencies): Hono {
  const { endpointStore, endpointHistory, deliveries, now } = dependencies;
  const routes = new Hono();
  const find = (idOrUid: string) =>
    endpointStore.reachable().find(({ id, uid }) => id === idOrUid || uid === idOrUid);

  /** The answer about a task, which the double has done by then. */
  function started(task: "endpoint.recover" | "endpoint.replay"): Response {
    deliveries.wake();
    const at = now();
    const updatedAt = new Date(at).toISOString();
    return Response.json({ id: newId("qtask", at), status: "running", task, updatedAt }, {
      status: 202,
    });
  }

  routes.get("/endpoint/:endpoint/stats", (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const query = readQuery(context, statistics);
    if (query instanceof Response) return query;
    const { delivered, failed, pending } = endpointHistory.counts(endpoint.id, query);
    return Response.json({ success: delivered, pending, sending: 0, fail: failed, canceled: 0 });
  });

  routes.post("/endpoint/:endpoint/recover", async (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const body = await readBody(context, span);
    if (body instanceof Response) return body;
    if (body.since < now() - recoverable) {
      const message = "Cannot recover messages more than 14 days old.";
      return refuseInvalid("body", [{ path: ["since"], message }]);
    }
    endpointHistory.recover(endpoint, body);
    return started("endpoint.recover");
  });
  routes.post("/endpoint/:endpoint/replay-missing", async (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const body = await readBody(context, span);
    if (body instanceof Response) return body;
    endpointHistory.replayMissing(endpoint, body);
    return started("endpoint.replay");
  });

  routes.get("/attempt/endpoint/:endpoint", (context) => {
    const endpoint = find(context.req.param("endpoint"));
    if (!endpoint) return notFound();
    const query = readQuery(context, attemptsListed);
    if (query instanceof Response) return query;
    const { limit, with_content: withContent, with_msg: withMessage } = query;
    const found = endpointHistory.attempts(endpoint.id, { ...query, limit: limit + 1 });
    const shown = found.slice(0, limit)
      .map((attempt) => renderAttempt(attempt, { withContent, withMessage }));
    return Response.json(renderPage(shown, found.length <= limit));
  });
  return routes;
}
