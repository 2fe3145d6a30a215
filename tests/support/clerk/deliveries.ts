import { Webhook } from "svix";

export const signingSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const otherSigningSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

export interface DeliveryChanges {
  readonly secret?: string;
  readonly id?: string;
  readonly sentAt?: Date;
  /** Headers in place of the signed ones; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** The headers with which Svix delivers a body. */
export function deliveryHeaders(body: string, changes: DeliveryChanges = {}): Headers {
  const { secret = signingSecret, id = "msg_1", sentAt = new Date() } = changes;
  const headers = new Headers({
    "content-type": "application/json",
    "svix-id": id,
    "svix-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
    "svix-signature": new Webhook(secret).sign(id, sentAt, body),
  });
  for (const [name, value] of Object.entries(changes.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return headers;
}

/** A delivery as Svix sends it: the event as JSON, or text as it is. */
export function delivery(event: unknown, changes: DeliveryChanges = {}): Request {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  const headers = deliveryHeaders(body, changes);
  return new Request("http://localhost/clerk-webhook", { method: "POST", headers, body });
}
