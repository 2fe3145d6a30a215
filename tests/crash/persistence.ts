import assert from "node:assert/strict";
import { z } from "zod";
import { pause } from "../support/eventually.ts";
import type { Answer } from "../support/stack/supabase.ts";

/** Milliseconds between attempts, the last one again and again: Svix' schedule, only shorter. */
const schedule = [50, 100, 200];
const longest = 400;

/** What came of something that was tried until it succeeded. */
export interface Success<T> {
  readonly value: T;
  readonly attempts: number;
}

/** Tries until it succeeds; `undefined` is the failure that passes. */
export async function persist<T>(
  attempt: () => Promise<T | undefined>,
  milliseconds = 45_000,
): Promise<Success<T>> {
  const deadline = Date.now() + milliseconds;
  for (let attempts = 1;; attempts++) {
    const value = await attempt();
    if (value !== undefined) return { value, attempts };
    assert.ok(Date.now() < deadline, `no success within ${milliseconds} ms`);
    await pause(schedule[attempts - 1] ?? longest);
  }
}

/** The gateway's answers for a function that has died, and the functions' own for what they need. */
const outages = [
  '500 {"code":"WORKER_ERROR"',
  '503 {"code":"BOOT_ERROR"',
  '503 {"error":{"code":"database_unavailable"',
  '503 {"error":{"code":"clerk_unavailable"',
  // A user's own limit in users-sync: those who try again and again have it waited for.
  '503 {"error":{"code":"clerk_rate_limited"',
];

/** A function's answer, or undefined for an outage. Whatever else is no success fails the test. */
export async function unlessDown(answering: Promise<Answer>): Promise<Answer | undefined> {
  const answer = await answering;
  if (answer.status === 200 || answer.status === 201) return answer;
  const said = `${answer.status} ${JSON.stringify(answer.body)}`;
  assert.ok(outages.some((outage) => said.startsWith(outage)), said);
  return undefined;
}

const networkFailure = z.object({ status: z.undefined(), errors: z.array(z.unknown()) });

/** What Clerk's client gives, or undefined where nobody has answered it. */
export async function unlessUnreachable<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (networkFailure.safeParse(error).success) return undefined;
    throw error;
  }
}
