import * as z from "zod/mini";
import { endless, type Range } from "./user_counts.ts";

/**
 * A range of users' times of creation, and where its reading stands. Milliseconds since the epoch.
 */
export const userWindow = z.object({
  from: z.int(),
  to: z.int(),
  /** How many users Clerk has counted there, roughly. */
  expected: z.int(),
  /** The user after whom it goes on; null: whoever was created since `last`. */
  cursor: z.nullable(z.string()),
  /** When the last user that was seen was created. */
  last: z.int(),
  seen: z.int(),
  /** How many of them were created in the millisecond `last`. */
  tied: z.int(),
  /** How often it was read to its end and fewer were seen than counted. */
  tries: z.int(),
});
export type UserWindow = z.infer<typeof userWindow>;

export function newWindow(range: Range, expected: number): UserWindow {
  // The filter may show the millisecond before as well.
  return { ...range, expected, cursor: null, last: range.from - 1, seen: 0, tied: 0, tries: 0 };
}

/** The widest window. */
export function wholeWindow(expected: number): UserWindow {
  return newWindow({ from: 0, to: endless }, expected);
}

/** Equal parts of a range, at most as many as it has milliseconds. */
export function cut({ from, to }: Range, within: Range, parts: number): Range[] {
  const first = Math.max(from, within.from);
  const length = Math.min(to, within.to) - first;
  const bounds = Array.from(
    { length: parts - 1 },
    (_, index) => first + Math.floor((index + 1) * length / parts),
  );
  const inner = [...new Set(bounds)].filter((bound) => bound > from && bound < to);
  return [from, ...inner].map((start, index) => ({ from: start, to: inner[index] ?? to }));
}
