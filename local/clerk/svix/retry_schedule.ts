/** Svix' own schedule: milliseconds before each retry. The first attempt is immediate. */
export const svixRetrySchedule = [
  5_000,
  5 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  5 * 3_600_000,
  10 * 3_600_000,
  10 * 3_600_000,
];
