import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { succeed } from "../../supabase/functions/_shared/failure.ts";
import { createReadLimit } from "../../supabase/functions/users-sync/read_limit.ts";
import { createUserReader } from "../../supabase/functions/users-sync/read_user.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";

/** A reader for a Clerk that knows every user or none, and answers after `open`. */
function createReader(known: boolean, open: Promise<void> = Promise.resolve()) {
  const asked: string[] = [];
  const readUser = createUserReader({
    readClerkUser: async (userId) => {
      asked.push(`read ${userId}`);
      await open;
      return succeed(known ? clerkUser.parse(clerkUserJson({ id: userId })) : null);
    },
    proveAbsence: (userIds, witness) => {
      asked.push(`prove ${userIds} ${"keyId" in witness && witness.keyId}`);
      return Promise.resolve(succeed(new Set(userIds)));
    },
    takeRead: createReadLimit(() => 0),
  });
  return { readUser, asked };
}

const session = { userId: "user_ada", keyId: "ins_key_1" };

Deno.test("a user's thousand simultaneous calls cause two reads from Clerk", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { readUser, asked } = createReader(true, promise);
  const called = Promise.all(Array.from({ length: 1_000 }, () => readUser(session)));
  resolve();
  const users = await called;
  assert.ok(users.every((user) => user.ok && user.value?.clerk_id === "user_ada"));
  assert.deepEqual(asked, ["read user_ada", "read user_ada"]);
});

Deno.test("a deleted user's thousand simultaneous calls cause two proofs for each signing key", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { readUser, asked } = createReader(false, promise);
  const rotated = { ...session, keyId: "ins_key_2" };
  const calls = Array.from({ length: 1_000 }, (_, index) => index % 2 ? session : rotated);
  const called = Promise.all(calls.map(readUser));
  resolve();
  const users = await called;
  for (const user of users) assert.deepEqual(user, { ok: true, value: null });
  for (const kid of ["ins_key_1", "ins_key_2"]) {
    assert.equal(asked.filter((one) => one === `prove user_ada ${kid}`).length, 2);
  }
});

Deno.test("a user's 21st call in a row reaches the limit, but other users' calls do not", async () => {
  const { readUser, asked } = createReader(true);
  for (let call = 0; call < 20; call++) assert.ok((await readUser(session)).ok);
  for (let call = 0; call < 1_000; call++) {
    const user = await readUser(session);
    assert.ok(!user.ok);
    assert.deepEqual([user.failure.code, user.failure.retryAfter], ["clerk_rate_limited", 1]);
  }
  assert.equal(asked.length, 20);
  assert.ok((await readUser({ ...session, userId: "user_grace" })).ok);
});
