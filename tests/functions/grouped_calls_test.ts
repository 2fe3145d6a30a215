import assert from "node:assert/strict";
import {
  createGroupedCall,
  type GroupedCallOptions,
} from "../../supabase/functions/_shared/database/grouped_calls.ts";
import { cutOff } from "../../supabase/functions/_shared/database/failure.ts";
import { fail, type Result, succeed } from "../../supabase/functions/_shared/failure.ts";
import { eventually } from "../support/eventually.ts";

/** A database that answers only when the test says so, in capitals. */
function createSlowDatabase(options: Partial<GroupedCallOptions<string, string>> = {}) {
  const groups: { items: readonly string[]; answer(result?: Result<string[]>): void }[] = [];
  const write = createGroupedCall<string, string>({
    call(items) {
      const { promise, resolve } = Promise.withResolvers<Result<string[]>>();
      const usual = succeed(items.map((item) => item.toUpperCase()));
      groups.push({ items, answer: (result = usual) => resolve(result) });
      return promise;
    },
    ...options,
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return {
    write,
    items: () => groups.map(({ items }) => items),
    async answer(index: number, result?: Result<string[]>) {
      groups[index]?.answer(result);
      await settled();
    },
  };
}

Deno.test("the first item goes at once, and those that come meanwhile go together", async () => {
  const { write, items, answer } = createSlowDatabase();
  const outcomes = Promise.all(["a", "b", "c", "d"].map((item) => write(item)));
  assert.deepEqual(items(), [["a"]]);
  await answer(0);
  assert.deepEqual(items(), [["a"], ["b", "c", "d"]]);
  await answer(1);
  assert.deepEqual(await outcomes, ["A", "B", "C", "D"].map(succeed));
});

Deno.test("an item that comes when nothing is under way waits for nothing", async () => {
  const { write, items, answer } = createSlowDatabase();
  const first = write("a");
  await answer(0);
  assert.deepEqual(await first, succeed("A"));
  void write("b");
  assert.deepEqual(items(), [["a"], ["b"]]);
  await answer(1);
});

Deno.test("no group is larger than allowed", async () => {
  const { write, items, answer } = createSlowDatabase({ largestGroup: 2 });
  for (const item of ["a", "b", "c", "d"]) void write(item);
  await answer(0);
  await answer(1);
  assert.deepEqual(items(), [["a"], ["b", "c"], ["d"]]);
  await answer(2);
});

Deno.test("callers are asked to come again once too many wait, and only then", async () => {
  const { write, answer } = createSlowDatabase({ longestQueue: 2 });
  const [first, , third] = ["a", "b", "c"].map((item) => write(item));
  const refused = await write("d");
  assert.deepEqual(
    refused,
    fail("database_unavailable", {
      reason: "too many are waiting for the database",
      retryAfter: 1,
    }),
  );
  await answer(0);
  assert.deepEqual(await first, succeed("A"));
  const later = write("e");
  await answer(1);
  assert.deepEqual(await third, succeed("C"));
  await answer(2);
  assert.deepEqual(await later, succeed("E"));
});

Deno.test("a caller who has gone while waiting leaves nothing behind", async () => {
  const { write, items, answer } = createSlowDatabase();
  const caller = new AbortController();
  void write("a");
  const gone = write("b", caller);
  void write("c");
  caller.abort();
  await answer(0);
  assert.deepEqual(items(), [["a"], ["c"]]);
  assert.equal((await gone).ok, false);
  await answer(1);
});

Deno.test("a caller who goes while the call is under way takes nothing back", async () => {
  const { write, answer } = createSlowDatabase();
  const caller = new AbortController();
  const outcome = write("a", caller);
  caller.abort();
  await answer(0);
  assert.deepEqual(await outcome, succeed("A"));
});

for (
  const failure of [
    fail("database_refused", { reason: "database: HTTP 400 22P05" }),
    fail("database_unavailable", { reason: "database: HTTP 500 55P03" }),
    fail("database_unavailable", { reason: "database: HTTP 404 42P01 organizations" }),
    cutOff(),
  ]
) {
  Deno.test(`one item does not fail its neighbours (${failure.failure.reason})`, async () => {
    const { write, items, answer } = createSlowDatabase();
    const outcomes = Promise.all(["a", "b", "c"].map((item) => write(item)));
    await answer(0);
    await answer(1, failure);
    assert.deepEqual(items(), [["a"], ["b", "c"], ["b"], ["c"]]);
    await answer(2, failure);
    await answer(3);
    assert.deepEqual(await outcomes, [succeed("A"), failure, succeed("C")]);
  });
}

Deno.test("a group that is held up does not hold up the others", async () => {
  const { write, items, answer } = createSlowDatabase();
  const outcomes = Promise.all(["a", "b"].map((item) => write(item)));
  await eventually("the second group has gone", () => items().length === 2);
  await answer(1);
  await answer(0);
  assert.deepEqual(await outcomes, [succeed("A"), succeed("B")]);
});

Deno.test("an outage fails the whole group, without a request for each", async () => {
  const { write, items, answer } = createSlowDatabase();
  const outcomes = Promise.all(["a", "b", "c"].map((item) => write(item)));
  await answer(0);
  const outage = fail("database_unavailable", { reason: "database: HTTP 503" });
  await answer(1, outage);
  assert.deepEqual(items(), [["a"], ["b", "c"]]);
  assert.deepEqual(await outcomes, [succeed("A"), outage, outage]);
});

Deno.test("an unexpected error reaches every caller of the group, and the next group goes on", async () => {
  let calls = 0;
  const write = createGroupedCall<string, string>({
    call: (items) =>
      calls++ === 1 ? Promise.reject(new Error("broken")) : Promise.resolve(succeed([...items])),
  });
  const outcomes = await Promise.allSettled(["a", "b", "c"].map((item) => write(item)));
  assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  assert.deepEqual(await write("d"), succeed("d"));
});

Deno.test("an answer that leaves out an item fails only that item", async () => {
  const { write, answer } = createSlowDatabase();
  const outcomes = Promise.all(["a", "b", "c"].map((item) => write(item)));
  await answer(0);
  await answer(1, succeed(["B"]));
  assert.deepEqual(await outcomes, [
    succeed("A"),
    succeed("B"),
    fail("internal_error", { reason: "no outcome" }),
  ]);
});
