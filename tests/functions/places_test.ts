import assert from "node:assert/strict";
import { createPlaces } from "../../supabase/functions/_shared/http/places.ts";

/** Milliseconds: longer than any test runs. */
const long = 60_000;

Deno.test("createPlaces() gives out its places at once, and another one when a place is returned", async () => {
  const take = createPlaces(2);
  const first = await take(long);
  const second = await take(long);
  assert.ok(first && second);
  let taken = false;
  const third = take(long).finally(() => taken = true);
  await Promise.resolve();
  assert.ok(!taken);
  second();
  const thirdGivesBack = await third;
  assert.ok(thirdGivesBack);
  first();
  thirdGivesBack();
});

Deno.test("createPlaces() lets each caller wait no longer than it wants, and loses no place", async () => {
  const take = createPlaces(1);
  const giveBack = await take(long);
  assert.ok(giveBack);
  const patient = take(long);
  const impatient = await Promise.all([take(1), take(1), take(1)]);
  assert.deepEqual(impatient, [undefined, undefined, undefined]);
  giveBack();
  const next = await patient;
  assert.ok(next);
  next();
  assert.ok(await take(1));
});

Deno.test("createPlaces() gives out places in the order of the requests", async () => {
  const take = createPlaces(1);
  const giveBack = await take(long);
  const order: number[] = [];
  const all = [1, 2, 3].map(async (number) => {
    const release = await take(long);
    order.push(number);
    release?.();
  });
  giveBack?.();
  await Promise.all(all);
  assert.deepEqual(order, [1, 2, 3]);
});
