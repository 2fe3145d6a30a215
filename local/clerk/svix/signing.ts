import { Webhook } from "svix";

/** The headers that Svix adds to a webhook. */
export interface SvixHeaders {
  readonly "svix-id": string;
  readonly "svix-timestamp": string;
  readonly "svix-signature": string;
}

/**
 * Signs a payload with every secret.
 *
 * @param at milliseconds since the epoch; the header holds whole seconds
 */
export function svixHeaders(
  secrets: readonly string[],
  id: string,
  at: number,
  payload: string,
): SvixHeaders {
  const signatures = secrets.map((secret) => webhookOf(secret).sign(id, new Date(at), payload));
  return {
    "svix-id": id,
    "svix-timestamp": String(Math.floor(at / 1000)),
    "svix-signature": signatures.join(" "),
  };
}

const webhooks = new Map<string, Webhook>();

function webhookOf(secret: string): Webhook {
  const webhook = webhooks.get(secret) ?? new Webhook(secret);
  webhooks.set(secret, webhook);
  return webhook;
}
