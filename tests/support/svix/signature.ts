import { createHmac } from "node:crypto";
import { Webhook } from "svix";

export interface Signing {
  readonly secret: string;
  readonly id?: string;
  readonly sentAt?: Date;
}

export type SvixHeaders = Record<"svix-id" | "svix-timestamp" | "svix-signature", string>;

/** The three headers with which Svix delivers a body. */
export function svixHeaders(body: string | Uint8Array, signing: Signing): SvixHeaders {
  const { secret, id = `msg_${crypto.randomUUID()}`, sentAt = new Date() } = signing;
  const seconds = String(Math.floor(sentAt.getTime() / 1000));
  const signature = typeof body === "string"
    ? new Webhook(secret).sign(id, sentAt, body)
    // Svix' library signs only text.
    : `v1,${digest(secret, `${id}.${seconds}.`, body)}`;
  return { "svix-id": id, "svix-timestamp": seconds, "svix-signature": signature };
}

/** The base64 HMAC that Svix puts after the version. */
export function digest(secret: string, prefix: string, body: string | Uint8Array): string {
  const key = Uint8Array.fromBase64(secret.replace(/^whsec_/, ""));
  return createHmac("sha256", key).update(prefix).update(body).digest("base64");
}
