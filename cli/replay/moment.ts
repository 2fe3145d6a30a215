import { z } from "zod";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const duration = z.object({ count: z.coerce.number().int(), unit: z.enum(["m", "h", "d"]) });
const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/**
 * Parses a moment of the past.
 *
 * @param text RFC 3339, a day in UTC, or how long ago: `30m`, `24h`, `3d`
 * @param now milliseconds since the epoch
 */
export function parseMoment(text: string, now: number): Outcome<Date> {
  const ago = duration.safeParse(/^(?<count>\d{1,6})(?<unit>[mhd])$/.exec(text)?.groups);
  const at = ago.success ? now - ago.data.count * units[ago.data.unit] : parseTime(text);
  if (at === undefined) {
    return fail(
      `${text} is no time`,
      "Give one like 2026-11-28T09:00:00Z, 2026-11-28, or how long ago: 24h, 3d",
    );
  }
  return at < now
    ? succeed(new Date(at))
    : fail(`${text} is not in the past`, "Give an earlier time");
}

function parseTime(text: string): number | undefined {
  const parsed = time.safeParse(text);
  return parsed.success ? Date.parse(parsed.data) : undefined;
}
