import * as z from "zod/mini";
import { fail, type Result, succeed } from "../failure.ts";

/** What a delivery's headers say, unverified. */
export interface ClaimedDelivery {
  /** Svix' id of the message, the same in every delivery of it. */
  readonly id: string;
  /** When this delivery was sent, in seconds since the epoch. */
  readonly sentAt: number;
  /** One or more, separated by spaces, at least one of them well-formed. */
  readonly signatures: string;
}

/** Seconds before and after its time in which svix accepts a delivery. */
const tolerance = 5 * 60;

const deliveryHeaders = z.object({
  // Characters. Svix' ids have 31. A PostgreSQL index entry takes at most 2,704 bytes.
  id: z.string().check(z.minLength(1), z.maxLength(256)),
  timestamp: z.pipe(z.string().check(z.regex(/^\d{1,15}$/)), z.transform(Number)),
  // Version 1 and the base64 of 32 bytes. svix ignores anything after a further comma.
  signature: z.string().check(z.regex(/(^| )v1,[A-Za-z0-9+/]{43}=(?=[ ,]|$)/)),
});

/**
 * Reads a delivery's headers, under svix' own names or those of Standard Webhooks. If they cannot
 * be genuine, the body need not be read.
 *
 * @param now milliseconds since the epoch
 * @returns `invalid_signature` if one is missing or malformed, or the time is out of svix'
 * tolerance
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
