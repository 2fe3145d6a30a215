import { type Signing, svixHeaders } from "./signature.ts";

export const signingSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const otherSigningSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

export interface DeliveryChanges extends Partial<Signing> {
  /** Headers that replace the signed ones; null removes one. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** The headers with which Svix delivers a body. */
export function deliveryHeaders(body: string, changes: DeliveryChanges = {}): Headers {
  const { headers: replaced = {}, ...signing } = changes;
  const headers = new Headers({
    "content-type": "application/json",
    ...svixHeaders(body, { secret: signingSecret, id: "msg_1", ...signing }),
  });
  for (const [name, value] of Object.entries(replaced)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return headers;
}

/** A delivery as Svix sends it. An event is sent as JSON, text unchanged. */
export function delivery(event: unknown, changes: DeliveryChanges = {}): Request {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  const headers = deliveryHeaders(body, changes);
  return new Request("http://localhost/clerk-webhook", { method: "POST", headers, body });
}
