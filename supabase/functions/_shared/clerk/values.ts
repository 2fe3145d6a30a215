import * as z from "zod";
import type { Metadata } from "../facts/fact.ts";
import { storableJson, storableText } from "../facts/storable.ts";

/** The last millisecond of the year 9999: later times have no RFC 3339 form. */
const latestTime = 253_402_300_799_999;

/** Turns milliseconds since the epoch into RFC 3339 in UTC. */
export const clerkTime = z.int().min(0).max(latestTime)
  .transform((milliseconds) => new Date(milliseconds).toISOString());

export const text = z.string().overwrite(storableText);
/** Clerk's ids have about 32 characters. A PostgreSQL index entry takes at most 2,704 bytes. */
export const clerkId = text.min(1).max(256);

export const optionalText = text.nullable().default(null);
export const flag = z.boolean().nullish().transform((value) => value ?? false);

export const metadata = z.unknown().optional().transform((value, context): Metadata => {
  const storable = storableJson(value ?? {}, (problem) => context.addIssue(problem));
  if (storable === undefined) return z.NEVER;
  if (typeof storable === "object" && storable !== null && !Array.isArray(storable)) {
    return storable;
  }
  context.addIssue("Invalid input: expected object");
  return z.NEVER;
});
