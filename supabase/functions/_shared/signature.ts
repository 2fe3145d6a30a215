import { Webhook } from "svix";
import { fail, type Result, succeed } from "./failure.ts";

/** What a verified delivery's headers say. */
export interface Delivery {
  /** Svix' id of the message: the same for every delivery of it. */
  readonly id: string;
  /** Seconds since the epoch, when this delivery was sent. */
  readonly sentAt: number;
}

/**
 * Verifies the signature over the raw body with svix.
 *
 * @returns `invalid_signature`. Never throws on what a caller sends.
 */
export type VerifySignature = (headers: Headers, body: string) => Result<Delivery>;

/** Characters. Svix' ids have 31; a row of PostgreSQL's index takes 2,704 bytes. */
const longestId = 256;

/** @param secrets signing secrets (whsec_…); a delivery signed with any of them is genuine */
export function createSignatureVerifier(secrets: readonly string[]): VerifySignature {
  const webhooks = secrets.map((secret) => new Webhook(secret));

  return (headers, body) => {
    const signed = Object.fromEntries(headers);
    if (!webhooks.some((webhook) => isSignedBy(webhook, body, signed))) {
      return fail("invalid_signature");
    }
    // The names svix looks at, in its order.
    const id = headers.get("svix-id") ?? headers.get("webhook-id") ?? "";
    if (id.length > longestId) return fail("invalid_signature");
    const sentAt = headers.get("svix-timestamp") ?? headers.get("webhook-timestamp");
    // As svix reads it: what follows the digits is not signed.
    return succeed({ id, sentAt: Number.parseInt(sentAt ?? "", 10) });
  };
}

function isSignedBy(webhook: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    webhook.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
