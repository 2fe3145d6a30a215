/** Every fault under load: the answers during the fault, and that nothing is missing afterwards. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { assertNothingMissing } from "../support/stack/nothing_missing.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { answersOf, type Fault, faults } from "./faults.ts";
import { createLoad, type Door, doors, functionNames, type Load, type Sample } from "./load.ts";
import { printFigures } from "./report.ts";

/** Milliseconds. A call to Clerk or the database is given up after 5 s. */
const usualLimit = 6_000;
/** How many answers of each function a fault must produce. */
const fewest = 6;

let own: OwnStack;
let load: Load;

Deno.test.beforeAll(async () => {
  own = await startOwnStack({
    functionsOnDemand: false,
    webhookRetrySchedule: Array.from({ length: 200 }, () => 250),
    // Few connections, so that a test can take them all.
    databaseSettings: { max_connections: "50" },
  });
  load = await createLoad(seededRandom(printedSeed("Faults")));
});
Deno.test.afterAll(() => own.stop());

/** A function's answers to requests since this time. */
function since(name: string, time: number): Sample[] {
  return load.samples.filter((sample) => sample.name === name && sample.started >= time)
    .sort((left, right) => left.started - right.started);
}

/** The answers from the first that shows the fault. */
function during(fault: Fault, door: Door, injected: number): Sample[] {
  const samples = since(door, injected);
  const first = samples.findIndex(({ outcome }) => answersOf(fault, door).includes(outcome));
  return first < 0 ? [] : samples.slice(first);
}

function answersSince(time: number): string {
  const answers = doors.flatMap((name) =>
    since(name, time).map(({ outcome }) => `${name} ${outcome}`)
  );
  return [...new Set(answers)].join(", ");
}

async function recovered(): Promise<void> {
  const restored = performance.now();
  await eventually(
    "every function serves again",
    () =>
      doors.every((name) => since(name, restored).some(({ outcome }) => /^20[01]$/.test(outcome))),
    40_000,
  );
}

function assertQuiet(texts: readonly string[]): void {
  const { CLERK_SECRET_KEY, CLERK_WEBHOOK_SECRET, SERVICE_ROLE_KEY, SECRET_KEY } = own.stack.values;
  const secrets = [
    ...load.secrets,
    CLERK_SECRET_KEY,
    CLERK_WEBHOOK_SECRET,
    SERVICE_ROLE_KEY,
    SECRET_KEY,
  ];
  for (const text of texts) {
    const leaked = secrets.filter((secret) => text.includes(secret));
    assert.deepEqual(leaked, [], "a secret or personal data leaked");
  }
}

/** Keeps the functions under load from before the fault until all of them serve again. */
async function underLoad(fault: Fault) {
  const begin = load.samples.length;
  load.start();
  try {
    await eventually("the load runs", () => load.samples.length >= begin + 6);
    const injecting = performance.now();
    const restore = await fault.inject(own.stack);
    const injected = performance.now();
    let restored = injected;
    try {
      await eventually(
        "every function has met the fault",
        () => doors.every((name) => during(fault, name, injected).length >= fewest),
        30_000,
      ).catch((error) => {
        throw new Error(`${fault.name}: ${answersSince(injected)}`, { cause: error });
      });
    } finally {
      restored = performance.now();
      await restore();
    }
    await recovered();
    const met = doors.map((name) => ({
      name,
      samples: during(fault, name, injected).filter(({ ended }) => ended < restored),
    }));
    printFigures(fault.name, met, performance.now() - restored);
    return { met, injecting };
  } finally {
    await load.stop();
  }
}

for (const fault of faults) {
  Deno.test(`${fault.name}: every answer is clear and timely, and nothing is missing afterwards`, async () => {
    const begin = load.samples.length;
    const { met, injecting } = await underLoad(fault);
    for (const { name, samples } of met) {
      for (const { outcome, retryAfter } of samples) {
        assert.ok(answersOf(fault, name).includes(outcome), `${name} answered ${outcome}`);
        if (outcome.includes("rate_limited")) assert.equal(retryAfter, fault.retryAfter);
      }
    }
    const refusals = met.flatMap(({ samples }) => samples.flatMap(({ refusal }) => refusal ?? []));
    for (const refusal of refusals) assert.match(refusal, fault.says ?? /./);
    if (fault.says) assert.ok(refusals.length > 0, "at least one failure was seen");
    const answers = doors.flatMap((door) => answersOf(fault, door));
    const possible = [...answers, ...fault.passing ?? [], "200", "201"];
    const samples = load.samples.slice(begin);
    for (const { name, outcome, started, ended } of samples) {
      assert.ok(possible.includes(outcome), `${name} answered ${outcome}`);
      const took = ended - started;
      assert.ok(took < (fault.limit ?? usualLimit), `${name} took ${Math.round(took)} ms`);
      assert.ok(ended >= injecting || /^20/.test(outcome), `${outcome} before the fault`);
    }
    assertQuiet(samples.flatMap(({ refusal }) => refusal ?? []));
    await load.redeliver();
    await assertNothingMissing(load);
  });
}

Deno.test("no fault puts a token, a secret, an address or metadata into a log", async () => {
  for (const name of functionNames) {
    assertQuiet([await Deno.readTextFile(`${own.stack.directory}/logs/${name}.log`)]);
  }
});
