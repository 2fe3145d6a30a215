import { signedHeaders } from "../support/stack/deliver.ts";

/** The id, time and signature in a delivery's headers. */
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

/** Signs the bytes as they are, even if they are not text. */
export function signDelivery(body: Uint8Array | string, options: SigningOptions = {}): Signature {
  const { seconds = secondsNow(), ...signing } = options;
  const headers = signedHeaders(body, { ...signing, sentAt: new Date(1000 * seconds) });
  return { id: headers["svix-id"], seconds, signature: headers["svix-signature"] };
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
