import assert from "node:assert/strict";
import { createPace, usualPace } from "../../supabase/functions/_shared/listing/pace.ts";

const signal = new AbortController().signal;

/** A pace on a clock that waiting moves on. */
function createTimedPace(requests: number) {
  let now = 1_000_000;
  const pace = createPace({
    requests,
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  });
  return { pace, now: () => now };
}

Deno.test("no more turns than allowed are within any 10 seconds", async () => {
  const { pace, now } = createTimedPace(7);
  const turns: number[] = [];
  for (let turn = 0; turn < 60; turn++) {
    await pace.take(signal);
    turns.push(now());
  }
  for (const [index, at] of turns.entries()) {
    const within = turns.slice(index).filter((other) => other < at + 10_000);
    assert.ok(within.length <= 7, `${within.length} turns within 10 s`);
  }
  assert.equal(turns.at(-1), 1_000_000 + 8 * 10_000, "and no fewer");
  assert.equal(pace.taken, 60);
});

Deno.test("Retry-After holds everybody", async () => {
  const { pace, now } = createTimedPace(100);
  await pace.take(signal);
  pace.hold(30);
  pace.hold(5);
  await pace.take(signal);
  assert.equal(now(), 1_030_000);
});

Deno.test("a pace is half of what Clerk allows", () => {
  assert.deepEqual([usualPace("sk_live_a"), usualPace("sk_test_a")], [500, 50]);
});

Deno.test("a pace of any size takes no memory before its turns", async () => {
  const { pace, now } = createTimedPace(999_999_999);
  await pace.take(signal);
  assert.equal(now(), 1_000_000);
});
