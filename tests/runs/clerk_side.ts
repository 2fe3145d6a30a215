import assert from "node:assert/strict";
import { z } from "zod";
import { askDouble } from "../../local/clerk/control/client.ts";
import type { Fault } from "../../local/clerk/faults/fault.ts";
import { clerkMembership } from "../../supabase/functions/_shared/clerk/membership.ts";
import { clerkOrganization } from "../../supabase/functions/_shared/clerk/organization.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import type { StateFact } from "../../supabase/functions/_shared/facts/fact.ts";
import { runningStack } from "../support/stack/running_stack.ts";

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await askDouble(runningStack(), method, path, body);
  const text = await response.text();
  assert.equal(response.status, 200, `${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** A day in the years that the tests' users come from, in milliseconds. */
export const longAgo = Date.UTC(2021, 0, 1);
export const lately = Date.UTC(2026, 0, 1);

/** Makes users in Clerk without events, at most 20,000 at once. */
export async function makeUsers(
  count: number,
  seed: number,
  [from, to]: readonly [number, number] = [longAgo, lately],
): Promise<void> {
  for (let left = count, part = 0; left > 0; left -= 20_000, part++) {
    await control("POST", "users/bulk", {
      users: Math.min(left, 20_000),
      seed: seed + part,
      created_from: from,
      created_to: to,
    });
  }
}

export async function emptyClerk(): Promise<void> {
  await control("DELETE", "everything");
}

/** Takes a user from Clerk without an event. */
export async function removeSilently(userId: string): Promise<void> {
  await control("PUT", `users/${userId}`, null);
}

type FaultGiven = Pick<Fault, "route"> & Partial<Fault>;

/** Runs while Clerk has these faults. */
export async function withFaults<T>(
  faults: readonly FaultGiven[],
  run: () => Promise<T>,
): Promise<T> {
  await control("PUT", "faults", { faults });
  try {
    return await run();
  } finally {
    await control("DELETE", "faults");
  }
}

/** How many requests have met each of the faults in force. */
export async function metFaults(): Promise<number[]> {
  const { faults } = z.object({ faults: z.array(z.object({ met: z.int() })) })
    .parse(await control("GET", "faults"));
  return faults.map(({ met }) => met);
}

const lists = {
  users: z.array(clerkUser),
  organizations: z.object({ data: z.array(clerkOrganization) }).transform(({ data }) => data),
  organization_memberships: z.object({ data: z.array(clerkMembership) })
    .transform(({ data }) => data),
};

/** Everything that Clerk has, read in the plainest way. */
export async function readClerk(): Promise<StateFact[]> {
  const facts: StateFact[] = [];
  for (const [path, list] of Object.entries(lists)) {
    for (let offset = 0;; offset += 500) {
      const page = list.parse(await get(`${path}?limit=500&order_by=created_at&offset=${offset}`));
      facts.push(...page);
      if (page.length < 500) break;
    }
  }
  return facts;
}

async function get(path: string): Promise<unknown> {
  const { CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  const response = await fetch(`${CLERK_API_URL}/v1/${path}`, {
    headers: { authorization: `Bearer ${CLERK_SECRET_KEY}` },
  });
  assert.equal(response.status, 200);
  return await response.json();
}
