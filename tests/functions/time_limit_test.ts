import assert from "node:assert/strict";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { createClerkKeys } from "../../supabase/functions/_shared/clerk/keys.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { createClerkUsers } from "../../supabase/functions/_shared/clerk/users.ts";
import { createDatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import {
  TimeLimitExceeded,
  upstreamTimeLimit,
  upstreamTimeSignal,
  withinTimeLimit,
} from "../../supabase/functions/_shared/time_limit.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { eventually } from "../support/eventually.ts";
import { serveLoopback } from "../support/loopback_server.ts";

Deno.test("withinTimeLimit() returns a result that comes in time", async () => {
  assert.equal(await withinTimeLimit(Promise.resolve("in time"), 1_000), "in time");
  await assert.rejects(withinTimeLimit(Promise.reject(new RangeError("own")), 1_000), RangeError);
});

Deno.test("withinTimeLimit() throws TimeLimitExceeded if the result comes too late", async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  await assert.rejects(withinTimeLimit(promise, 1), TimeLimitExceeded);
  // A later failure must not become an unhandled rejection.
  reject(new Error("late"));
});

Deno.test("calls that begin together share a signal, and none has one that began long before", async () => {
  const signal = upstreamTimeSignal();
  assert.equal(upstreamTimeSignal(), signal);
  await eventually("calls get another signal", () => upstreamTimeSignal() !== signal);
  assert.equal(signal.aborted, false);
});

Deno.test("every call to Clerk and the database ends after 5 s, so that three fit into Svix' 15 s", async () => {
  const { promise: never, resolve } = Promise.withResolvers<Response>();
  // If a call had no limit, it and this test would wait forever.
  const release = setTimeout(() => resolve(new Response("{}")), 12_000);
  await using silent = serveLoopback(async () => (await never).clone());
  const database = createDatabaseClient({ url: silent.url, key: "sb_secret_abc" });
  const clerk = { apiUrl: silent.url, secretKey: "sk_test_abc" };
  const started = performance.now();
  const results = await Promise.all([
    createClerkKeys(createClerkApi(clerk)).find("ins_key_1"),
    createClerkUsers(createClerkApi(clerk))("user_ada"),
    database.findUsers(["user_ada"]),
    database.applyFacts([clerkUser.parse(clerkUserJson())], { returnUsers: true }),
  ]);
  const elapsed = performance.now() - started;
  clearTimeout(release);
  resolve(new Response("{}"));
  assert.deepEqual(results.map((result) => !result.ok && result.failure.code), [
    "clerk_unavailable",
    "clerk_unavailable",
    "database_unavailable",
    "database_unavailable",
  ]);
  assert.equal(upstreamTimeLimit, 5_000);
  assert.ok(elapsed >= 4_900 && elapsed < 10_000, `${elapsed} ms`);
});
