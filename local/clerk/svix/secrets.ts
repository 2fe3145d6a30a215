import type { EndpointDocument } from "./endpoint_store.ts";

/** Bytes, as in Svix' own. */
const secretLength = 24;

export function newSecret(): string {
  return `whsec_${crypto.getRandomValues(new Uint8Array(secretLength)).toBase64()}`;
}

/**
 * Puts a new secret before the others, which end.
 *
 * @param until when they end at the latest, in milliseconds since the epoch
 */
export function rotated(
  secrets: EndpointDocument["secrets"],
  key: string,
  until: number,
): EndpointDocument["secrets"] {
  const others = secrets.filter((secret) => secret.key !== key);
  return [
    { key, until: null },
    ...others.map((secret) => ({ ...secret, until: Math.min(secret.until ?? until, until) })),
  ];
}
