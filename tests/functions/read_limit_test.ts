import assert from "node:assert/strict";
import { createReadLimit } from "../../supabase/functions/users-sync/read_limit.ts";

/** A limit with `clock.now` as the time. */
function createLimit() {
  const clock = { now: 1_700_000_000_000 };
  return { clock, take: createReadLimit(() => clock.now) };
}

function takeAll(take: (userId: string) => number, userId: string): number {
  let taken = 0;
  while (take(userId) === 0) taken++;
  return taken;
}

Deno.test("a user has 20 reads, then one per second", () => {
  const { clock, take } = createLimit();
  assert.equal(takeAll(take, "user_ada"), 20);
  assert.equal(take("user_ada"), 1);
  clock.now += 999;
  assert.equal(take("user_ada"), 1);
  clock.now += 1;
  assert.equal(take("user_ada"), 0);
  assert.equal(take("user_ada"), 1);
});

Deno.test("a user who keeps calling gets one read per second", () => {
  const { clock, take } = createLimit();
  let taken = 0;
  for (let call = 0; call < 10_000; call++) {
    if (take("user_ada") === 0) taken++;
    clock.now += 10;
  }
  assert.equal(taken, 20 + 99);
});

Deno.test("a user has all 20 reads again after 20 s, and never more", () => {
  const { clock, take } = createLimit();
  takeAll(take, "user_ada");
  clock.now += 20_000;
  assert.equal(takeAll(take, "user_ada"), 20);
  clock.now += 24 * 60 * 60_000;
  assert.equal(takeAll(take, "user_ada"), 20);
});

Deno.test("one user's reads do not count for another", () => {
  const { take } = createLimit();
  takeAll(take, "user_ada");
  assert.equal(takeAll(take, "user_grace"), 20);
});

Deno.test("a clock that is set back locks nobody out", () => {
  const { clock, take } = createLimit();
  takeAll(take, "user_ada");
  clock.now -= 5_000;
  assert.equal(take("user_ada"), 6);
});

Deno.test("the limit remembers the last 10,000 users", () => {
  const { take } = createLimit();
  takeAll(take, "user_first");
  takeAll(take, "user_ada");
  for (let other = 0; other < 9_999; other++) take(`user_${other}`);
  assert.equal(take("user_ada"), 1);
  assert.equal(takeAll(take, "user_first"), 20);
});
