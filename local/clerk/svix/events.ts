import type { Requester } from "../http/requester.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Puts an event into the outbox, within the transaction of the change that it reports.
 *
 * @param userId the user that the event is about; null for none
 */
export type Emit = (
  type: string,
  data: unknown,
  userId: string | null,
  requester: Requester,
) => void;

export interface EnvelopeOptions {
  readonly instanceId: string;
  readonly requester: Requester;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** A webhook's body in Clerk's form. */
export function envelope(
  type: string,
  data: unknown,
  { instanceId, requester, timestamp }: EnvelopeOptions,
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

/** @param now milliseconds since the epoch */
export function createEmit(outbox: Outbox, instanceId: string, now: () => number): Emit {
  return (type, data, userId, requester) => {
    outbox.add(type, envelope(type, data, { instanceId, requester, timestamp: now() }), userId);
  };
}
