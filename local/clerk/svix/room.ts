import type { Hono } from "hono";
import type { Context } from "../context.ts";
import { createPortal } from "./api/portal.ts";
import { createSvixApi, type SvixApi } from "./api/room.ts";
import { createSvixControl } from "./control.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { createEndpoint, type Endpoint, type EndpointSettings } from "./endpoint.ts";
import { createEndpointHistory } from "./endpoint_history.ts";
import { createEndpointStore } from "./endpoint_store.ts";
import { createEmit, type Emit } from "./events.ts";
import { createMessageLog, type MessageLog } from "./message_log.ts";
import { createOutbox } from "./outbox.ts";

/** Milliseconds that Svix waits for an answer. */
const svixTimeLimit = 15_000;

export interface SvixContext extends Context {
  /** Where webhooks go at first. */
  readonly settings?: Partial<EndpointSettings> | undefined;
  /** Milliseconds that a delivery may take. Default: Svix' 15 s. */
  readonly timeLimit?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** Plays Svix: turns events into webhooks and delivers them. */
export interface Svix {
  readonly emit: Emit;
  readonly endpoint: Endpoint;
  readonly deliveries: Deliveries;
  readonly messageLog: MessageLog;
  readonly control: Hono;
  readonly api: SvixApi;
}

export function createSvix({ fetch: send = fetch, ...context }: SvixContext): Svix {
  const { storage, instanceId, now, timeLimit = svixTimeLimit } = context;
  const endpointStore = createEndpointStore(storage, now);
  const messageLog = createMessageLog(storage, now);
  const portal = createPortal(storage, now);
  const endpoint = createEndpoint(
    { ...context, endpointStore, messageLog, portal },
    context.settings ?? {},
  );
  const deliveries = createDeliveries({
    ...context,
    endpoint,
    endpointStore,
    timeLimit,
    fetch: send,
  });
  const outbox = createOutbox({ ...context, endpointStore, wake: deliveries.wake });
  const emit = createEmit(outbox, instanceId, now);
  const control = createSvixControl({ ...context, endpoint, deliveries, outbox, messageLog });
  const endpointHistory = createEndpointHistory(storage, now);
  const api = createSvixApi({
    ...context,
    portal,
    endpointStore,
    endpointHistory,
    deliveries,
    messageLog,
  });
  return { emit, endpoint, deliveries, messageLog, control, api };
}
