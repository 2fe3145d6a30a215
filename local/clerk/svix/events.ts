import type { Outbox } from "./outbox.ts";

/** Who made the request that an event comes from. */
export interface Requester {
  clientIp: string;
  userAgent: string;
}

/** Turns what happened into Clerk's webhook events. */
export interface Events {
  /** Puts an event into the outbox: call it in the transaction of the change itself. */
  emit(type: string, data: unknown, userId: string | null, requester: Requester): void;
}

/** A webhook's body as Clerk writes it. `timestamp` is milliseconds since the Unix epoch. */
export function envelope(
  type: string,
  data: unknown,
  timestamp: number,
  instanceId: string,
  requester: Requester,
): Record<string, unknown> {
  return {
    data,
    event_attributes: {
      http_request: { client_ip: requester.clientIp, user_agent: requester.userAgent },
    },
    instance_id: instanceId,
    object: "event",
    timestamp,
    type,
  };
}

/** Wraps events in the envelope of this instance and hands them to the outbox. */
export function createEvents(deps: {
  outbox: Outbox;
  instanceId: string;
  now: () => number;
}): Events {
  return {
    emit(type, data, userId, requester) {
      const body = envelope(type, data, deps.now(), deps.instanceId, requester);
      deps.outbox.add(type, body, userId);
    },
  };
}
