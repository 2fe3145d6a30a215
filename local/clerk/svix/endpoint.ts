import { z } from "zod";
import type { Context } from "../context.ts";
import type { Portal } from "./api/portal.ts";
import {
  type EndpointChange,
  type EndpointStore,
  endpointUrl,
  signingSecret,
  validSecrets,
} from "./endpoint_store.ts";
import type { MessageLog } from "./message_log.ts";
import { svixRetrySchedule } from "./retry_schedule.ts";

/** Where webhooks go, and how, in the control API's form. */
export const endpointSettings = z.strictObject({
  /** Null: there is no endpoint, so no events are created. */
  url: endpointUrl.nullable(),
  /** Signing secrets, several during a rotation. Every delivery is signed with each. */
  secrets: z.array(signingSecret),
  /** As Svix leaves an endpoint that has failed for five days. */
  disabled: z.boolean(),
  /** Holds deliveries back. Events are still created. */
  paused: z.boolean(),
  /** Milliseconds before each retry. After the last one, a message has failed. */
  retry_schedule_ms: z.array(z.int().nonnegative()),
  /** The event types that the endpoint subscribes to; null for all. */
  event_types: z.array(z.string()).nullable(),
  /** Whether each membership that ends with its organization or user has an event. */
  cascaded_events: z.boolean(),
});

export type EndpointSettings = z.infer<typeof endpointSettings>;

/**
 * The settings of the endpoint that the control API shows, which is the oldest with an address, and of
 * all deliveries.
 */
export interface Endpoint {
  current(): EndpointSettings;
  /** Changes the given settings. */
  change(settings: Partial<EndpointSettings>): EndpointSettings;
}

export interface EndpointDependencies extends Context {
  readonly endpointStore: EndpointStore;
  readonly messageLog: MessageLog;
  readonly portal: Portal;
}

/** Starts with Svix' schedule and no endpoint, unless `initial` or the database says otherwise. */
export function createEndpoint(
  { endpointStore, messageLog, portal, now }: EndpointDependencies,
  initial: Partial<EndpointSettings>,
): Endpoint {
  let delivery = { paused: false, retry_schedule_ms: svixRetrySchedule, cascaded_events: true };

  function shown() {
    return endpointStore.reachable().at(0) ?? endpointStore.all().at(0);
  }

  function current(): EndpointSettings {
    const endpoint = shown();
    return {
      url: endpoint?.url ?? null,
      secrets: endpoint ? validSecrets(endpoint, now()) : [],
      disabled: endpoint?.disabled ?? false,
      event_types: endpoint?.event_types ?? null,
      ...delivery,
    };
  }

  function change(settings: Partial<EndpointSettings>): EndpointSettings {
    const { secrets, url, disabled, event_types } = settings;
    const { paused, retry_schedule_ms, cascaded_events } = { ...delivery, ...settings };
    delivery = { paused, retry_schedule_ms, cascaded_events };
    const change: EndpointChange = {
      ...(url === undefined ? {} : { url }),
      ...(disabled === undefined ? {} : { disabled }),
      ...(event_types === undefined ? {} : { event_types }),
      ...(secrets === undefined ? {} : { secrets: secrets.map((key) => ({ key, until: null })) }),
    };
    if (Object.keys(change).length > 0) {
      const { id } = shown() ?? endpointStore.create({});
      endpointStore.change(id, change);
      if (disabled) messageLog.giveUp(id);
      // An endpoint made by hand is in an app.
      if (url) portal.createApp();
    }
    return current();
  }

  change(initial);
  return { current, change };
}
