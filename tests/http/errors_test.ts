/** Provokes every documented error code through the gateway of a stack that is made to fail. */
import assert from "node:assert/strict";
import { type FailureCode, meanings } from "../../supabase/functions/_shared/failure.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact } from "../support/facts/facts.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { sendRaw } from "../support/raw_http.ts";
import {
  longToken,
  signClaims,
  signIn,
  signInPending,
  signUp,
  webhooksSettled,
} from "../support/stack/clerk.ts";
import { deliver, signedHeaders } from "../support/stack/deliver.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type Answer, backend, call, callWithToken, errorOf } from "../support/stack/supabase.ts";

const provoked = new Set<FailureCode>();
let own: OwnStack;

Deno.test.beforeAll(async () => {
  own = await startOwnStack();
});
Deno.test.afterAll(() => own.stop());

/** Runs while Clerk answers a function like this. users-sync verifies tokens without Clerk. */
async function withFailingClerk(
  answer: { status: number; headers?: Record<string, string> },
  run: () => Promise<void>,
  functionName: "users-sync" | "users-me" = "users-sync",
): Promise<void> {
  const body = { errors: [{ code: "failing", message: "Failing" }] };
  await using server = serveLoopback(() => Response.json(body, answer));
  const variables = {
    CLERK_API_URL: server.url,
    CLERK_JWT_KEY: functionName === "users-sync" ? runningStack().CLERK_JWT_KEY : null,
  };
  await own.withEnvironment(functionName, variables, run);
}

/** Asserts the code with its documented status and message, and counts it as provoked. */
function assertFailure(
  answer: Answer,
  code: FailureCode,
  message: string = meanings[code].message,
) {
  const error = errorOf(answer);
  assert.equal(error.code, code);
  assert.equal(error.message, message);
  assert.equal(answer.status, meanings[code].status);
  assert.equal(answer.headers.get("x-request-id"), error.request_id);
  assert.equal(answer.headers.get("content-type"), "application/json");
  const challenged = code === "missing_token" || code === "invalid_token";
  assert.equal(answer.headers.get("www-authenticate"), challenged ? "Bearer" : null);
  provoked.add(code);
}

Deno.test("a request without a token is refused with missing_token", async () => {
  assertFailure(await call("users-me"), "missing_token", "Missing Authorization header");
  assertFailure(await call("users-sync", { method: "POST" }), "missing_token");
});

Deno.test("the anon key and a forged token are not session tokens", async () => {
  const forged = `${btoa('{"alg":"none","kid":"x"}')}.${btoa('{"sub":"user_1"}')}.`;
  for (const token of [runningStack().ANON_KEY, forged, "nonsense"]) {
    assertFailure(
      await callWithToken("users-me", token),
      "invalid_token",
      "Invalid or expired token",
    );
  }
});

Deno.test("an expired token from Clerk is refused", async () => {
  const now = Math.floor(Date.now() / 1000);
  const token = await signClaims({ sub: "user_1", iat: now - 120, nbf: now - 120, exp: now - 60 });
  assertFailure(await callWithToken("users-sync", token), "invalid_token");
});

Deno.test("a session with pending tasks is refused", async () => {
  const user = await signUp();
  const answer = await callWithToken("users-me", await signInPending(user.id));
  assertFailure(answer, "session_pending", "Session has pending tasks");
});

Deno.test("a user unknown to Clerk and a user unknown to the database get different errors", async () => {
  const token = await longToken(newClerkId());
  assertFailure(await callWithToken("users-me", token), "user_not_found");
  assertFailure(
    await callWithToken("users-sync", token),
    "clerk_user_not_found",
    "User not found in Clerk",
  );
});

Deno.test("users-me and users-sync refuse a user whose row is inactive", async () => {
  const user = await signUp();
  const token = await signIn(user.id);
  await webhooksSettled();
  const fact = { ...userDeletedFact(user.id, new Date().toISOString()) };
  await backend().rpc("apply_clerk_facts", { p_facts: [fact] }).throwOnError();
  const message =
    "User is deactivated (deleted, deactivated by the application, or banned in Clerk)";
  assertFailure(await callWithToken("users-me", token), "user_inactive", message);
  assertFailure(await callWithToken("users-sync", token), "user_inactive");
});

Deno.test("a webhook signed with another secret is refused", async () => {
  const body = eventBody("user.created", clerkUserJson({ id: newClerkId() }));
  const secret = `whsec_${btoa("somebody else's secret!!")}`;
  assertFailure(await deliver(body, { secret }), "invalid_signature", "Invalid webhook signature");
  assertFailure(await call("clerk-webhook", { method: "POST", body }), "invalid_signature");
});

Deno.test("an incomplete signed event is refused with the path of the missing field", async () => {
  const data = { ...clerkUserJson({ id: newClerkId() }), updated_at: undefined };
  const answer = await deliver(eventBody("user.updated", data));
  assertFailure(
    answer,
    "invalid_event",
    "data.updated_at: Invalid input: expected number, received undefined",
  );
});

Deno.test("a webhook with a body that is not text is refused", async () => {
  const body = new Uint8Array([0xff, 0xfe]);
  assertFailure(
    await call("clerk-webhook", { method: "POST", headers: signedHeaders("{}"), body }),
    "invalid_request",
    "Body is not valid UTF-8",
  );
});

Deno.test("a webhook over 1 MiB is refused before its body is sent", async () => {
  // A sender of the body might not get the answer: Deno 2.1.4 closes if a body is not read.
  const url = `${runningStack().API_URL}/functions/v1/clerk-webhook`;
  const headers = Object.entries({
    ...signedHeaders("{}"),
    "content-length": String(1024 * 1024 + 1),
  });
  assertFailure(await sendRaw(url, { headers }), "payload_too_large");
});

Deno.test("a refused method is answered with the allowed methods", async () => {
  const allowed = {
    "users-sync": "POST, OPTIONS",
    "users-me": "GET, POST, OPTIONS",
    "clerk-webhook": "POST",
  };
  for (const [name, methods] of Object.entries(allowed)) {
    const answer = await call(name, { method: "DELETE" });
    assertFailure(answer, "method_not_allowed");
    assert.equal(answer.headers.get("allow"), methods);
  }
});

Deno.test("an event of another Clerk instance is refused if the instance is configured", async () => {
  await own.withEnvironment("clerk-webhook", { CLERK_INSTANCE_ID: "ins_ours" }, async () => {
    const data = clerkUserJson({ id: newClerkId() });
    const theirs = eventBody("user.created", data, { instance_id: "ins_theirs" });
    const refused = await deliver(theirs);
    assertFailure(refused, "wrong_instance");
    assert.equal(refused.headers.get("webhook-delivery"), "abort-message");
    const accepted = await deliver(eventBody("user.created", data, { instance_id: "ins_ours" }));
    assert.equal(accepted.status, 200);
  });
});

Deno.test("Clerk's rate limit is passed on with the time to wait", async () => {
  const token = await signIn((await signUp()).id);
  await withFailingClerk({ status: 429, headers: { "retry-after": "7" } }, async () => {
    const answer = await callWithToken("users-sync", token);
    assertFailure(answer, "clerk_rate_limited");
    assert.equal(answer.headers.get("retry-after"), "7");
  });
});

Deno.test("Clerk's rate limit on its keys is passed on too", async () => {
  const token = await signIn((await signUp()).id);
  const answer = { status: 429, headers: { "retry-after": "7" } };
  await withFailingClerk(answer, async () => {
    const limited = await callWithToken("users-me", token);
    assertFailure(limited, "clerk_rate_limited");
    assert.match(limited.headers.get("retry-after") ?? "", /^[1-7]$/);
  }, "users-me");
});

Deno.test("a user who keeps calling users-sync has to wait, while others are served", async () => {
  const token = await signIn((await signUp()).id);
  const other = await signIn((await signUp()).id);
  let answer = await callWithToken("users-sync", token);
  while (answer.status < 300) answer = await callWithToken("users-sync", token);
  assertFailure(answer, "clerk_rate_limited", "Too many calls for this user");
  assert.equal(answer.headers.get("retry-after"), "1");
  assert.ok((await callWithToken("users-sync", other)).status < 300);
});

Deno.test("an outage of Clerk is not blamed on the caller", async () => {
  const token = await signIn((await signUp()).id);
  await withFailingClerk({ status: 500 }, async () => {
    assertFailure(await callWithToken("users-sync", token), "clerk_unavailable");
  });
  await own.withEnvironment("users-me", { CLERK_API_URL: "http://127.0.0.1:9" }, async () => {
    assertFailure(await callWithToken("users-me", token), "clerk_unavailable");
  });
});

Deno.test("an outage of the database is not blamed on the caller", async () => {
  const token = await signIn((await signUp()).id);
  await own.withEnvironment("users-me", { SUPABASE_URL: "http://127.0.0.1:9" }, async () => {
    assertFailure(await callWithToken("users-me", token), "database_unavailable");
  });
});

Deno.test("a function with a missing or wrong variable still starts and names it", async () => {
  const cases: [string, Record<string, string | null>, string][] = [
    [
      "users-me",
      { SUPABASE_URL: null },
      "SUPABASE_URL and SUPABASE_KEY environment variables are required",
    ],
    ["users-sync", { CLERK_SECRET_KEY: null }, "CLERK_SECRET_KEY environment variable is required"],
    [
      "clerk-webhook",
      { CLERK_WEBHOOK_SECRET: null },
      "CLERK_WEBHOOK_SECRET environment variable is required",
    ],
    [
      "users-me",
      {
        SUPABASE_SECRET_KEYS: null,
        SUPABASE_SERVICE_ROLE_KEY: null,
        SUPABASE_KEY: runningStack().ANON_KEY,
      },
      "SUPABASE_KEY must be the service-role (secret) key, not an anon or publishable key",
    ],
  ];
  for (const [name, environment, message] of cases) {
    await own.withEnvironment(name, environment, async () => {
      assertFailure(await call(name, { method: "POST" }), "server_misconfigured", message);
    });
  }
});

Deno.test("an unexpected error is answered without details", async () => {
  await withSql(async (sql) => {
    const [{ definition }] = await sql<[{ definition: string }]>`
      select pg_get_functiondef('public.find_clerk_users(text[])'::regprocedure) as definition
    `;
    // As if replaced by hand: the function still answers, but in a wrong form.
    assert.match(definition, /return next;/);
    await sql.unsafe(definition.replace("return next;", `"user" := '7'; return next;`));
    try {
      const { id } = await signUp();
      await webhooksSettled();
      const answer = await callWithToken("users-me", await signIn(id));
      assertFailure(answer, "internal_error", "Internal error");
    } finally {
      await sql.unsafe(definition);
    }
  });
});

Deno.test("a row refused by the application's constraint is an error, so that Svix delivers it again", async () => {
  const id = newClerkId();
  await withSql(async (sql) => {
    // An application may add such a constraint. The event cannot be stored, so Svix must try again.
    await sql.unsafe(
      `alter table public.users add constraint no_zed check (first_name <> 'Zed ${id}')`,
    );
    try {
      const answer = await deliver(
        eventBody("user.created", clerkUserJson({ id, first_name: `Zed ${id}` })),
      );
      assertFailure(answer, "database_refused", "Database refused the row");
    } finally {
      await sql.unsafe("alter table public.users drop constraint no_zed");
    }
  });
});

Deno.test("every error code has been provoked through the gateway", () => {
  assert.deepEqual(Object.keys(meanings).filter((code) => !provoked.has(code as FailureCode)), []);
});
