import assert from "node:assert/strict";
import { newClerkId } from "../support/facts/facts.ts";
import { clerk, signIn, signUp, webhooksSettled, withoutWebhooks } from "../support/stack/clerk.ts";
import {
  backend,
  call,
  callWithToken,
  errorOf,
  frontend,
  readRow,
} from "../support/stack/supabase.ts";

Deno.test("a sign-up at Clerk becomes a row through its webhook alone", async () => {
  const user = await signUp({ publicMetadata: { plan: "pro" } });
  await webhooksSettled();
  const row = await readRow(user.id);
  assert.equal(row?.email, user.primaryEmailAddress?.emailAddress);
  assert.equal(row?.first_name, "Ada");
  assert.deepEqual(row?.public_metadata, { plan: "pro" });
  assert.equal(row?.is_active, true);
});

Deno.test("users-sync creates the row of a user who signed up before the webhook existed", async () => {
  const user = await withoutWebhooks(() => signUp());
  assert.equal(await readRow(user.id), null);
  const supabase = frontend(await withoutWebhooks(() => signIn(user.id)));
  const { data, error, response } = await supabase.functions.invoke("users-sync");
  assert.equal(error, null);
  assert.equal(response?.status, 201);
  assert.equal(data.message, "User created");
  assert.deepEqual(data.user, await readRow(user.id));
});

Deno.test("users-sync updates the row to Clerk's state and then says that it is up to date", async () => {
  const user = await signUp();
  await webhooksSettled();
  const token = await withoutWebhooks(async () => {
    await clerk().users.updateUser(user.id, { firstName: "Augusta" });
    return await signIn(user.id);
  });
  const updated = await frontend(token).functions.invoke("users-sync");
  assert.equal(updated.response?.status, 200);
  assert.equal(updated.data.message, "User updated");
  assert.equal(updated.data.user.first_name, "Augusta");
  const again = await frontend(token).functions.invoke("users-sync");
  assert.equal(again.data.message, "User already up to date");
  assert.deepEqual(again.data.user, updated.data.user);
});

Deno.test("users-sync and a simultaneous webhook of the same sign-up leave one row without an error", async () => {
  const user = await signUp();
  const token = await signIn(user.id);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => callWithToken("users-sync", token)),
  );
  for (const answer of answers) assert.ok([200, 201].includes(answer.status));
  await webhooksSettled();
  const { count } = await backend().from("users").select("*", { count: "exact", head: true })
    .eq("clerk_id", user.id);
  assert.equal(count, 1);
});

Deno.test("users-me answers GET and invoke's default POST with the row as PostgREST shows it", async () => {
  const user = await signUp();
  const supabase = frontend(await signIn(user.id));
  await webhooksSettled();
  const posted = await supabase.functions.invoke("users-me");
  const got = await supabase.functions.invoke("users-me", { method: "GET" });
  assert.equal(posted.error, null);
  assert.deepEqual(posted.data, { user: await readRow(user.id), organizations: [] });
  assert.deepEqual(got.data, posted.data);
});

Deno.test("users-me says that the row is missing and what to do", async () => {
  const user = await withoutWebhooks(() => signUp());
  const token = await withoutWebhooks(() => signIn(user.id));
  const { error } = await frontend(token).functions.invoke("users-me");
  assert.equal(error?.context.status, 404);
  const body = await error.context.json();
  assert.equal(body.error.code, "user_not_found");
  assert.equal(body.error.message, "User not found in database");
  assert.match(body.error.hint, /users-sync/);
});

Deno.test("a profile change at Clerk reaches the row, with the primary address instead of the first", async () => {
  const addresses = [`${newClerkId()}@example.com`, `${newClerkId()}@example.com`];
  const user = await signUp({ emailAddress: addresses });
  const second = user.emailAddresses.find(({ emailAddress }) => emailAddress === addresses[1]);
  await clerk().users.updateUser(user.id, { primaryEmailAddressID: second?.id ?? "" });
  await webhooksSettled();
  assert.equal((await readRow(user.id))?.email, addresses[1]);
});

Deno.test("a deletion at Clerk deactivates the row, and users-me and users-sync refuse the user's valid token", async () => {
  const user = await signUp();
  const token = await signIn(user.id);
  await clerk().users.deleteUser(user.id);
  await webhooksSettled();
  const row = await readRow(user.id);
  assert.equal(row?.is_active, false);
  assert.ok(row?.deleted_at);
  assert.equal(errorOf(await callWithToken("users-me", token)).code, "user_inactive");
  assert.equal(errorOf(await callWithToken("users-sync", token)).code, "clerk_user_not_found");
});

Deno.test("a Clerk token reads only its user's row and updates only its metadata", async () => {
  const user = await signUp();
  await signUp();
  const supabase = frontend(await signIn(user.id));
  await webhooksSettled();
  const read = await supabase.from("users").select("clerk_id").throwOnError();
  assert.deepEqual(read.data, [{ clerk_id: user.id }]);
  await supabase.from("users").update({ metadata: { theme: "dark" } }).eq("clerk_id", user.id)
    .throwOnError();
  assert.deepEqual((await readRow(user.id))?.metadata, { theme: "dark" });
  const refused = await supabase.from("users").update({ email: "x@example.com" })
    .eq("clerk_id", user.id);
  assert.equal(refused.error?.code, "42501");
  const anonymous = await frontend().from("users").select();
  assert.equal(anonymous.error?.code, "42501");
});

Deno.test("browsers can call users-sync and users-me from any origin, but not clerk-webhook", async () => {
  // functions.invoke() sends the region, Sentry the trace.
  const requested = [
    "authorization",
    "apikey",
    "content-type",
    "sentry-trace",
    "x-client-info",
    "x-region",
    "x-request-id",
  ];
  const preflight = {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": requested.join(),
    },
  };
  for (const name of ["users-sync", "users-me"]) {
    const answer = await call(name, preflight);
    assert.equal(answer.status, 204, name);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const allowed = answer.headers.get("access-control-allow-headers") ?? "";
    assert.deepEqual(allowed.split(", "), requested);
    const refused = await call(name, { method: "POST" });
    assert.equal(
      refused.headers.get("access-control-allow-origin"),
      "*",
      "browsers can read errors too",
    );
  }
  const webhook = await call("clerk-webhook", preflight);
  assert.equal(webhook.status, 405);
  assert.equal(webhook.headers.get("access-control-allow-origin"), null);
});
