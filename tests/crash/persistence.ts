import assert from "node:assert/strict";
import { z } from "zod";
import { pause } from "../support/eventually.ts";
import type { Answer } from "../support/stack/supabase.ts";

/** Milliseconds between attempts, then `longest` again and again: a short version of Svix' schedule. */
const schedule = [50, 100, 200];
const longest = 400;

/** The result of an action that was tried until it succeeded. */
export interface Success<T> {
  readonly value: T;
  readonly attempts: number;
}

/** Tries until it succeeds. `undefined` is a failure that is worth another attempt. */
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

/** The gateway's answers for a dead function, and a function's answers for a dead service. */
const outages = [
  '500 {"code":"WORKER_ERROR"',
  '503 {"code":"BOOT_ERROR"',
  '503 {"error":{"code":"database_unavailable"',
  '503 {"error":{"code":"clerk_unavailable"',
  // A user's limit in users-sync, which repeated attempts can reach.
  '503 {"error":{"code":"clerk_rate_limited"',
];

/** A function's answer, or undefined for an outage. Any other failure fails the test. */
export async function unlessDown(answering: Promise<Answer>): Promise<Answer | undefined> {
  const answer = await answering;
  if (answer.status === 200 || answer.status === 201) return answer;
  const said = `${answer.status} ${JSON.stringify(answer.body)}`;
  assert.ok(outages.some((outage) => said.startsWith(outage)), said);
  return undefined;
}

const networkFailure = z.object({ status: z.undefined(), errors: z.array(z.unknown()) });

/** The result of Clerk's client, or undefined if it got no answer. */
export async function unlessUnreachable<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (networkFailure.safeParse(error).success) return undefined;
    throw error;
  }
}
