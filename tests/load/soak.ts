/** Mixed traffic for 5 minutes: `deno task soak`. Prints the figures and fails if anything is wrong. */
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
/** MiB of JavaScript heap for each function. It is small, so that a leak soon shows. */
const heap = 64;
/** The most memory of a function's process in MiB, including its heap. The platform's limit is 256. */
const mostMemory = 192;
/** MiB that it may grow by between the second and the last quarter of a run of at least `longSeconds`. */
const mostGrowth = 16;
const longSeconds = 120;

/** A stack with little memory for its functions. */
export const soakedStack: StackOptions = {
  functionEnvironment: { DENO_V8_FLAGS: `--max-old-space-size=${heap}` },
  functionsOnDemand: false,
};

/** Runs the load and asserts that every answer, every process' memory and every row is right. */
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
