import assert from "node:assert/strict";
import type { Applied } from "../../supabase/functions/_shared/database/client.ts";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { bearing, signedIn } from "../support/clerk/requests.ts";
import { readError, readSuccess } from "./answers.ts";
import { becoming, createHandlers, failing } from "./handlers.ts";
import { userRow } from "./user_rows.ts";

const successes = [
  ["created", 201, "User created"],
  ["updated", 200, "User updated"],
  ["unchanged", 200, "User already up to date"],
  ["stale", 200, "User already up to date"],
] as const;

for (const [outcome, status, message] of successes) {
  Deno.test(`users-sync answers ${status} "${message}" if the write is ${outcome}`, async () => {
    const applyFacts = becoming({ outcome, user: userRow() });
    const { usersSync, entries } = createHandlers({ applyFacts });
    const response = await usersSync(await signedIn());
    assert.equal(response.status, status);
    assert.deepEqual(await readSuccess(response), { message, user: userRow() });
    assert.deepEqual(entries.map(({ fields }) => fields["outcome"]), [outcome]);
  });
}

Deno.test("users-sync reads and writes only the token's subject, and asks for their row", async () => {
  const options: unknown[] = [];
  const { usersSync, written } = createHandlers({
    applyFacts: (_facts, given) => {
      options.push(given);
      return Promise.resolve(
        succeed([{ outcome: "created", reason: null, user: userRow(), active: true }]),
      );
    },
  });
  await usersSync(await signedIn({ claims: { sub: "user_grace" } }));
  assert.deepEqual(written.map((facts) => facts.map((fact) => fact.clerk_id)), [["user_grace"]]);
  assert.deepEqual(options, [{ returnUsers: true }]);
});

Deno.test("users-sync ignores user data in the request", async () => {
  const { usersSync, written } = createHandlers();
  const body = JSON.stringify({ id: "user_grace", email: "grace@example.com" });
  await usersSync(await signedIn({}, { body }));
  const [fact] = written[0] ?? [];
  assert.equal(fact?.clerk_id, "user_ada");
  assert.equal(fact?.kind === "user" && fact.email, "work@example.com");
});

for (const outcome of ["unchanged", "stale", "updated"] as const) {
  Deno.test(`users-sync answers user_inactive for a deactivated row (${outcome})`, async () => {
    const applyFacts = becoming({ outcome, user: userRow(), active: false });
    const response = await createHandlers({ applyFacts }).usersSync(await signedIn());
    assert.equal(response.status, 403);
    assert.equal((await readError(response)).code, "user_inactive");
  });
}

Deno.test("users-sync answers database_refused for a rejected fact and logs the reason", async () => {
  const reason = "23514 users_clerk_id_present";
  const rejected: Partial<Applied> = { outcome: "rejected", reason };
  const { usersSync, entries } = createHandlers({ applyFacts: becoming(rejected) });
  const response = await usersSync(await signedIn());
  assert.equal(response.status, 500);
  const error = await readError(response);
  assert.equal(error.code, "database_refused");
  assert.equal(error.message, "Database refused the row");
  assert.equal(entries[0]?.fields["reason"], `rejected: ${reason}`);
});

Deno.test("users-sync answers internal_error if the database returns no outcome", async () => {
  const applyFacts = () => Promise.resolve(succeed([]));
  const response = await createHandlers({ applyFacts }).usersSync(await signedIn());
  assert.equal((await readError(response)).code, "internal_error");
});

Deno.test("users-sync answers database_unavailable if the write fails", async () => {
  const applyFacts = failing(fail("database_unavailable"));
  const response = await createHandlers({ applyFacts }).usersSync(await signedIn());
  assert.equal(response.status, 503);
  assert.equal((await readError(response)).code, "database_unavailable");
});

Deno.test("users-sync writes nothing if Clerk cannot return the user", async () => {
  for (const code of ["clerk_rate_limited", "clerk_unavailable", "server_misconfigured"] as const) {
    const readClerkUser = failing(fail(code));
    const { usersSync, written } = createHandlers({ readClerkUser });
    assert.equal((await readError(await usersSync(await signedIn()))).code, code);
    assert.deepEqual(written, []);
  }
});

/** Clerk answers that there is no such user. */
const readClerkUser = () => Promise.resolve(succeed(null));

Deno.test("users-sync records a deletion if it is proven that the user is not at Clerk", async () => {
  const asked: unknown[] = [];
  const { usersSync, written } = createHandlers({
    readClerkUser,
    proveAbsence: (userIds, witness) => {
      asked.push([userIds, witness]);
      return Promise.resolve(succeed(new Set(userIds)));
    },
  });
  const earliest = Date.now();
  const error = await readError(await usersSync(await signedIn()));
  assert.deepEqual([error.code, error.message], [
    "clerk_user_not_found",
    "User not found in Clerk",
  ]);
  assert.deepEqual(asked, [[["user_ada"], { keyId: "ins_key_1" }]]);
  const [item] = written[0] ?? [];
  assert.ok(item?.kind === "user_deleted");
  const { deleted_at: deletedAt, ...rest } = item;
  assert.ok(Date.parse(deletedAt) >= earliest && Date.parse(deletedAt) <= Date.now());
  assert.deepEqual(rest, {
    kind: "user_deleted",
    clerk_id: "user_ada",
    delivery: {
      id: "users-sync_user_ada",
      type: "user.deleted",
      source: "users-sync",
      occurred_at: null,
    },
  });
});

Deno.test("users-sync answers database_refused if the deletion could not be written", async () => {
  const rejected: Partial<Applied> = { outcome: "rejected", reason: "23514 no_deletion" };
  const { usersSync } = createHandlers({ readClerkUser, applyFacts: becoming(rejected) });
  assert.equal((await readError(await usersSync(await signedIn()))).code, "database_refused");
});

Deno.test("users-sync records no unproven deletion", async () => {
  const { usersSync, written } = createHandlers({
    readClerkUser,
    proveAbsence: () => Promise.resolve(succeed(new Set<string>())),
  });
  const response = await usersSync(await signedIn());
  assert.equal(response.status, 503);
  assert.equal((await readError(response)).code, "clerk_unavailable");
  assert.deepEqual(written, []);
});

for (const code of ["clerk_unavailable", "clerk_rate_limited", "server_misconfigured"] as const) {
  Deno.test(`users-sync records no deletion if the proof fails with ${code}`, async () => {
    const hint = "CLERK_JWT_KEY or CLERK_SECRET_KEY may belong to another Clerk instance";
    const proveAbsence = failing(fail(code, { hint, retryAfter: 7 }));
    const { usersSync, written } = createHandlers({ readClerkUser, proveAbsence });
    const response = await usersSync(await signedIn());
    assert.equal(response.headers.get("retry-after"), "7");
    const error = await readError(response);
    assert.deepEqual([error.code, error.hint], [code, hint]);
    assert.deepEqual(written, []);
  });
}

for (const code of ["clerk_unavailable", "clerk_rate_limited"] as const) {
  Deno.test(`users-sync points to the last known row after ${code}`, async () => {
    const { usersSync, written } = createHandlers({
      readClerkUser: failing(fail(code, { retryAfter: 7 })),
    });
    const response = await usersSync(await signedIn());
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "7");
    const error = await readError(response);
    assert.deepEqual([error.code, error.hint], [
      code,
      "Until Clerk answers again, users-me gives the last known row, if there is one",
    ]);
    assert.deepEqual(written, []);
  });
}

Deno.test("users-sync asks neither Clerk nor the database for a user without reads left, and says how long to wait", async () => {
  let asked = 0;
  const { usersSync, written } = createHandlers({
    takeRead: () => 3,
    readClerkUser: () => {
      asked++;
      return Promise.resolve(succeed(null));
    },
  });
  const response = await usersSync(await signedIn());
  assert.equal(response.headers.get("retry-after"), "3");
  const error = await readError(response);
  assert.deepEqual([error.code, error.message], [
    "clerk_rate_limited",
    "Too many calls for this user",
  ]);
  assert.match(error.hint ?? "", /^Call users-sync after sign-in/);
  assert.equal(asked, 0);
  assert.deepEqual(written, []);
});

Deno.test("users-sync answers database_unavailable if a deletion could not be recorded", async () => {
  const applyFacts = failing(fail("database_unavailable"));
  const { usersSync } = createHandlers({ readClerkUser, applyFacts });
  const error = await readError(await usersSync(await signedIn()));
  assert.equal(error.code, "database_unavailable");
});

Deno.test("users-sync asks neither Clerk nor the database without a valid token", async () => {
  let asked = 0;
  const { usersSync, written } = createHandlers({
    readClerkUser: () => {
      asked++;
      return Promise.resolve(fail("clerk_unavailable"));
    },
  });
  assert.equal((await usersSync(bearing())).status, 401);
  assert.equal((await usersSync(bearing("Bearer x.y.z"))).status, 401);
  assert.equal((await usersSync(await signedIn({ claims: { sts: "pending" } }))).status, 403);
  assert.equal(asked, 0);
  assert.deepEqual(written, []);
});

for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
  Deno.test(`users-sync refuses ${method} and names the allowed methods`, async () => {
    const response = await createHandlers().usersSync(await signedIn({}, { method }));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "POST, OPTIONS");
  });
}
