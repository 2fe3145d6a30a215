/** Mixed traffic for 5 minutes: `deno task soak`. Prints the figures; fails where anything is not as it must be. */
import assert from "node:assert/strict";
import type { StackOptions } from "../../local/options.ts";
import { createPrinter } from "../../local/printer.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { type Memory, trend } from "../support/stack/memory.ts";
import { assertNothingMissing } from "../support/stack/nothing_missing.ts";
import { type OwnStack, withOwnStack } from "../support/stack/own_stack.ts";
import { describeLoad } from "./figures.ts";
import { runMixedLoad } from "./mixed_load.ts";
import { createTraffic } from "./requests.ts";

const connections = 64;
/** MiB of JavaScript heap that each function is given: little, so that what leaks is soon too much. */
const heap = 64;
/** MiB that a function's process may have at most, heap and all; the platform's limit is 256. */
const mostMemory = 192;
/** MiB that it may grow by from the second quarter to the last, where the first is long enough to warm up. */
const mostGrowth = 16;
const longSeconds = 120;

/** A stack whose functions have little memory. */
export const soakedStack: StackOptions = {
  functionEnvironment: { DENO_V8_FLAGS: `--max-old-space-size=${heap}` },
  databaseSettings: { fsync: "off" },
};

/** Soaks the stack and asserts that no answer, no process and no row is other than it must be. */
export async function soak({ stack }: OwnStack, seconds: number): Promise<void> {
  const random = seededRandom(printedSeed("Soak"));
  const traffic = await createTraffic();
  const processes = [...stack.functions.values()].map(({ pid }) => pid);
  const load = await runMixedLoad(stack, traffic.kinds, { seconds, connections, random });
  for (const line of describeLoad(load)) createPrinter().line(line);

  assert.deepEqual(load.unexpected.slice(0, 10), []);
  for (const [name, times] of load.times) assert.ok(times.length > 0, `${name} was asked`);
  assert.deepEqual([...stack.functions.values()].map(({ pid }) => pid), processes);
  assert.equal(load.memory.length, processes.length);
  for (const memory of load.memory) assertFlat(memory, seconds);
  await assertNothingMissing(traffic);
}

function assertFlat(memory: Memory, seconds: number): void {
  const { before, after, most } = trend(memory);
  assert.ok(most < mostMemory, `${memory.name} had ${most} MiB`);
  if (seconds < longSeconds) return;
  assert.ok(after - before < mostGrowth, `${memory.name} grew from ${before} to ${after} MiB`);
}

if (import.meta.main) {
  const seconds = Number(Deno.env.get("LOAD_SECONDS") ?? 300);
  await withOwnStack(soakedStack, (own) => soak(own, seconds));
}
