import { Webhook } from "svix";
import type { ClaimedDelivery } from "./delivery_headers.ts";

/**
 * Whether the delivery's signature over the raw body is genuine, according to svix. Never throws
 * because of what a caller sends.
 */
export type VerifySignature = (delivery: ClaimedDelivery, body: string) => boolean;

/** @param secrets signing secrets (whsec_…); a delivery signed with any of them is genuine */
export function createSignatureVerifier(secrets: readonly string[]): VerifySignature {
  const webhooks = secrets.map((secret) => new Webhook(secret));

  return (delivery, body) => webhooks.some((webhook) => isSignedBy(webhook, delivery, body));
}

function isSignedBy(webhook: Webhook, delivery: ClaimedDelivery, body: string): boolean {
  try {
    webhook.verify(body, {
      "svix-id": delivery.id,
      "svix-timestamp": String(delivery.sentAt),
      "svix-signature": delivery.signatures,
    });
    return true;
  } catch {
    return false;
  }
}
