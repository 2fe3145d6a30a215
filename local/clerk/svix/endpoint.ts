import { z } from "zod";

/** Svix' own schedule, in milliseconds: what it waits before each retry, after a first attempt at once. */
const svixRetrySchedule = [
  5_000,
  5 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  5 * 3_600_000,
  10 * 3_600_000,
  10 * 3_600_000,
];

/** Where webhooks go, as the control API shows and takes it. */
export const endpointSettings = z.strictObject({
  /** Null where there is no endpoint: then no events are made. */
  url: z.url({ protocol: /^https?$/ }).nullable(),
  /** Signing secrets; several during a rotation: every delivery is signed with each. */
  secrets: z.array(z.string().regex(/^whsec_[A-Za-z0-9+/]+=*$/)),
  /** Holds deliveries back; events are still made. */
  paused: z.boolean(),
  /** Milliseconds to wait before each retry; after the last one a message has failed. */
  retry_schedule_ms: z.array(z.int().nonnegative()),
  /** The types that are subscribed to; null for all. */
  event_types: z.array(z.string()).nullable(),
  /** Whether memberships that end with their organization or user are told of one by one. */
  cascaded_events: z.boolean(),
});

export type EndpointSettings = z.infer<typeof endpointSettings>;

/** The endpoint's settings while the double runs. */
export interface Endpoint {
  current(): EndpointSettings;
  /** Changes the given ones. */
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
