import { z } from "zod";
import { svixRetrySchedule } from "./retry_schedule.ts";

/** Where webhooks go, in the control API's form. */
export const endpointSettings = z.strictObject({
  /** Null: there is no endpoint, so no events are created. */
  url: z.url({ protocol: /^https?$/ }).nullable(),
  /** Signing secrets, several during a rotation. Every delivery is signed with each. */
  secrets: z.array(z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/)),
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

/** The endpoint's settings while the double runs. */
export interface Endpoint {
  current(): EndpointSettings;
  /** Changes the given settings. */
  change(settings: Partial<EndpointSettings>): EndpointSettings;
}

/** Starts with Svix' schedule and no endpoint, unless `initial` says otherwise. */
export function createEndpoint(initial: Partial<EndpointSettings>): Endpoint {
  let settings: EndpointSettings = {
    url: null,
    secrets: [],
    paused: false,
    retry_schedule_ms: svixRetrySchedule,
    event_types: null,
    cascaded_events: true,
    ...initial,
  };
  return {
    current: () => settings,
    change(change) {
      settings = { ...settings, ...change };
      return settings;
    },
  };
}
