import * as z from "zod/mini";
import type { Metadata } from "../facts/fact.ts";
import { storableJson, storableText } from "../facts/storable.ts";

/** The last millisecond of the year 9999: later times have no RFC 3339 form. */
const latestTime = 253_402_300_799_999;

/** Turns milliseconds since the epoch into RFC 3339 in UTC. */
export const clerkTime = z.pipe(
  z.int().check(z.minimum(0), z.maximum(latestTime)),
  z.transform((milliseconds) => new Date(milliseconds).toISOString()),
);

export const text = z.string().check(z.overwrite(storableText));
/** Clerk's ids have about 32 characters. A PostgreSQL index entry takes at most 2,704 bytes. */
export const clerkId = text.check(z.minLength(1), z.maxLength(256));

export const optionalText = z._default(z.nullable(text), null);
export const flag = z.pipe(
  z.nullish(z.boolean()),
  z.transform((value) => value ?? false),
);

export const metadata = z.pipe(
  z.optional(z.unknown()),
  z.transform((value, { issues }): Metadata => {
    const refuse = (message: string) => {
      issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    };
    const storable = storableJson(value ?? {}, refuse);
    if (storable === undefined) return z.NEVER;
    if (typeof storable === "object" && storable !== null && !Array.isArray(storable)) {
      return storable;
    }
    return refuse("Invalid input: expected object");
  }),
);
