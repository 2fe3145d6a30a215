import assert from "node:assert/strict";
import { createSharedReads } from "../../supabase/functions/users-sync/shared_reads.ts";
import { eventually } from "../support/eventually.ts";

/** Reads that the test ends. They are listed in the order in which they began. */
function createReads() {
  const begun: { readonly subject: string; readonly end: PromiseWithResolvers<string> }[] = [];
  const read = createSharedReads({
    read: (subject: string) => {
      const end = Promise.withResolvers<string>();
      begun.push({ subject, end });
      return end.promise;
    },
    keyOf: (subject) => subject,
  });
  return { read, begun };
}

/** Waits until this many reads have begun. */
function untilBegun(begun: readonly unknown[], count: number): Promise<void> {
  return eventually(`${count} reads have begun`, () => begun.length >= count);
}

Deno.test("a single read begins at once", async () => {
  const { read, begun } = createReads();
  const outcome = read("ada");
  assert.equal(begun.length, 1);
  begun[0]?.end.resolve("first");
  assert.equal(await outcome, "first");
});

Deno.test("a thousand calls during a read share the next read, which begins after them", async () => {
  const { read, begun } = createReads();
  const first = read("ada");
  const shared = Array.from({ length: 1_000 }, () => read("ada"));
  assert.equal(begun.length, 1);
  begun[0]?.end.resolve("first");
  assert.equal(await first, "first");
  await untilBegun(begun, 2);
  // These calls come after the second read has begun, so it is too old for them.
  const late = [read("ada"), read("ada")];
  begun[1]?.end.resolve("second");
  assert.deepEqual(new Set(await Promise.all(shared)), new Set(["second"]));
  await untilBegun(begun, 3);
  begun[2]?.end.resolve("third");
  assert.deepEqual(await Promise.all(late), ["third", "third"]);
  assert.equal(begun.length, 3);
});

Deno.test("a finished read never answers a later call", async () => {
  const { read, begun } = createReads();
  const first = read("ada");
  begun[0]?.end.resolve("first");
  assert.equal(await first, "first");
  const second = read("ada");
  begun[1]?.end.resolve("second");
  assert.equal(await second, "second");
});

Deno.test("reads of different users neither wait for nor share each other", () => {
  const { read, begun } = createReads();
  read("ada");
  read("grace");
  assert.deepEqual(begun.map(({ subject }) => subject), ["ada", "grace"]);
});

Deno.test("a failed read fails only its own callers", async () => {
  const { read, begun } = createReads();
  const first = read("ada");
  const second = read("ada");
  begun[0]?.end.reject(new Error("broken"));
  await assert.rejects(first, /broken/);
  await untilBegun(begun, 2);
  begun[1]?.end.resolve("second");
  assert.equal(await second, "second");
});

Deno.test("a read that hangs delays the next by a quarter of a second", async () => {
  const { read, begun } = createReads();
  const slow = read("ada");
  const started = performance.now();
  const next = read("ada");
  await untilBegun(begun, 2);
  assert.ok(performance.now() - started >= 240);
  begun[1]?.end.resolve("second");
  assert.equal(await next, "second");
  begun[0]?.end.resolve("first");
  assert.equal(await slow, "first");
});
