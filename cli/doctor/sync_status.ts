import { z } from "zod";

/** Seconds in an interval of PostgreSQL, as in "1 day 02:03:04.5". */
const interval = z.string().transform((text, context) => {
  const [, days = "0", sign = "", hours, minutes, seconds] =
    /^(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d(?:\.\d+)?))?$/.exec(text) ?? [];
  const time = 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + Number(seconds ?? 0);
  const total = 86_400 * Number(days) + (sign === "-" ? -time : time);
  if (/\d/.test(text) && Number.isFinite(total)) return total;
  context.addIssue("Not an interval");
  return z.NEVER;
});

/** The row of clerk_sync_status(), as far as it is looked at. Intervals are seconds. */
export const syncStatus = z.object({
  lag_p50: interval.nullable(),
  lag_p95: interval.nullable(),
  events_last_hour: z.int(),
  rejected: z.int(),
  rejected_reason: z.string().nullable(),
  invalid: z.int(),
  invalid_reason: z.string().nullable(),
  silence: interval.nullable(),
  usual_silence: interval.nullable(),
  silent: z.boolean(),
});

export type SyncStatus = z.infer<typeof syncStatus>;

/** A duration for people: "5 s", "12 min", "3 h", "2 days". */
export function describeSeconds(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
