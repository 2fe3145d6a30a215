import { Webhook } from "svix";

/** The headers that make a webhook Svix'. */
export interface SvixHeaders {
  "svix-id": string;
  "svix-timestamp": string;
  "svix-signature": string;
}

/**
 * Signs a payload with every secret.
 *
 * @param at Milliseconds since the Unix epoch; the header holds whole seconds.
 */
export function svixHeaders(
  secrets: readonly string[],
  id: string,
  at: number,
  payload: string,
): SvixHeaders {
  const signatures = secrets.map((secret) => webhook(secret).sign(id, new Date(at), payload));
  return {
    "svix-id": id,
    "svix-timestamp": String(Math.floor(at / 1000)),
    "svix-signature": signatures.join(" "),
  };
}

const webhooks = new Map<string, Webhook>();

function webhook(secret: string): Webhook {
  const known = webhooks.get(secret) ?? new Webhook(secret);
  webhooks.set(secret, known);
  return known;
}
