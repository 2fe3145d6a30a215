/**
 * Each part of the system is killed while it is busy. CRASH_KILLS sets how often, SEED repeats the
 * moments.
 */
import assert from "node:assert/strict";
import type { RunningStack } from "../../local/stack.ts";
import type { Part } from "../../local/supervisor/part.ts";
import { doubleOf } from "../support/stack/double_part.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { burstWork, prepareBurst } from "./burst.ts";
import { createKiller } from "./killer.ts";

const kills = Number(Deno.env.get("CRASH_KILLS") ?? 3);

let own: OwnStack;

Deno.test.beforeAll(async () => {
  // PostgreSQL as on a server: what it has committed is on disk.
  const retries = [100, 200, 400, ...Array.from({ length: 60 }, () => 500)];
  own = await startOwnStack({ webhookRetrySchedule: retries, databaseSettings: { fsync: "on" } });
});
Deno.test.afterAll(() => own.stop());

function functionOf(name: string) {
  return ({ functions }: RunningStack): Part => {
    const part = functions.get(name);
    if (!part) throw new Error(`There is no function ${name}`);
    return part;
  };
}

const parts: Readonly<Record<string, (stack: RunningStack) => Part>> = {
  "clerk-webhook": functionOf("clerk-webhook"),
  "users-sync": functionOf("users-sync"),
  "users-me": functionOf("users-me"),
  "PostgREST": ({ postgrest }) => postgrest,
  "PostgreSQL": ({ postgres }) => postgres,
  "Clerk and Svix": doubleOf,
};

/** The parts that nearly every action uses. */
const busy = new Set(["clerk-webhook", "PostgREST", "PostgreSQL"]);

for (const [name, partOf] of Object.entries(parts)) {
  Deno.test(`nothing is lost or doubled when ${name} is killed in the middle of a burst`, async () => {
    const random = seededRandom(printedSeed(`${name} killed`));
    const burst = await prepareBurst(random);
    const killer = createKiller(partOf(own.stack), kills, burstWork, random);
    const outages = await burst.run(killer.tick);
    await killer.finish();
    if (busy.has(name)) assert.ok(outages > 0, "the part was killed while it was busy");
    await burst.assertNothingLost();
  });
}
