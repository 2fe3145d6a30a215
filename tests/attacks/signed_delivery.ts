import { createHmac } from "node:crypto";
import { runningStack } from "../support/stack/running_stack.ts";

/** What a delivery says about itself. */
export interface Signature {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly seconds: number;
  /** As in the header: `v1,` and base64. */
  readonly signature: string;
}

export interface SigningOptions {
  readonly id?: string;
  readonly seconds?: number;
  readonly secret?: string;
}

export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

/** Signs the bytes as they are, whether or not they are text. */
export function signDelivery(body: Uint8Array | string, options: SigningOptions = {}): Signature {
  const { id = `msg_${crypto.randomUUID()}`, seconds = secondsNow() } = options;
  const secret = options.secret ?? runningStack().CLERK_WEBHOOK_SECRET;
  return { id, seconds, signature: `v1,${digest(secret, `${id}.${seconds}.`, body)}` };
}

/** The base64 HMAC that Svix puts after the version. */
export function digest(secret: string, prefix: string, body: Uint8Array | string): string {
  const key = Uint8Array.fromBase64(secret.replace(/^whsec_/, ""));
  return createHmac("sha256", key).update(prefix).update(body).digest("base64");
}

/** The three headers, under Svix' names or those of the Standard Webhooks. */
export function deliveryHeaders(
  { id, seconds, signature }: Signature,
  prefix: "svix" | "webhook" = "svix",
): Record<string, string> {
  return {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(seconds),
    [`${prefix}-signature`]: signature,
  };
}
