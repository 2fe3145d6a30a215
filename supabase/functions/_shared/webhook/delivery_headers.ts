import { z } from "zod";
import { fail, type Result, succeed } from "../failure.ts";

/** What a delivery's headers say, not verified. */
export interface ClaimedDelivery {
  /** Svix' id of the message: the same for every delivery of it. */
  readonly id: string;
  /** Seconds since the epoch, when this delivery was sent. */
  readonly sentAt: number;
  /** One or several, separated by blanks, at least one of them well-formed. */
  readonly signatures: string;
}

/** Seconds before and after its time for which svix takes a delivery. */
const tolerance = 5 * 60;

const deliveryHeaders = z.object({
  // Characters. Svix' ids have 31; a row of PostgreSQL's index takes 2,704 bytes.
  id: z.string().min(1).max(256),
  timestamp: z.string().regex(/^\d{1,15}$/).transform(Number),
  // Version 1, and the base64 of 32 bytes; svix looks no further than a comma after it.
  signature: z.string().regex(/(^| )v1,[A-Za-z0-9+/]{43}=(?=[ ,]|$)/),
});

/**
 * Reads a delivery's headers, under svix' own names or those of the Standard Webhooks, so that nothing
 * of the body need be read where they cannot be genuine.
 *
 * @param now milliseconds since the epoch
 * @returns `invalid_signature` where one is missing or malformed, or the time is out of svix' tolerance
 */
export function readDeliveryHeaders(headers: Headers, now = Date.now()): Result<ClaimedDelivery> {
  // The names that svix looks at, in its order.
  const read = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
  const parsed = deliveryHeaders.safeParse({
    id: read("id"),
    timestamp: read("timestamp"),
    signature: read("signature"),
  });
  if (!parsed.success) return fail("invalid_signature", { reason: "headers" });
  const { id, timestamp: sentAt, signature: signatures } = parsed.data;
  if (Math.abs(Math.floor(now / 1000) - sentAt) > tolerance) {
    return fail("invalid_signature", { reason: "timestamp out of tolerance" });
  }
  return succeed({ id, sentAt, signatures });
}
