import assert from "node:assert/strict";
import { Svix, Webhook } from "svix";
import { eventually } from "../support/eventually.ts";
import { control, startDouble, startReceiver } from "./running_double.ts";
import { askClerk, exchange, openPortal, readPortalKey, svixRefusal } from "./svix_portal.ts";

const hour = 3_600_000;
const events = ["user.created", "user.deleted"];
const longAgo = () => new Date(Date.now() - hour);

Deno.test("Clerk opens the portal of a Svix app that was created once", async () => {
  await using running = await startDouble();
  const missing = await askClerk(running.url, "POST", "webhooks/svix_url");
  assert.equal(missing.status, 400);
  assert.match(await missing.text(), /"code":"svix_app_missing"/);
  const created = await readPortalKey(await askClerk(running.url, "POST", "webhooks/svix"));
  const again = await askClerk(running.url, "POST", "webhooks/svix");
  assert.equal(again.status, 400);
  assert.match(await again.text(), /"code":"svix_app_exists"/);
  const opened = await readPortalKey(await askClerk(running.url, "POST", "webhooks/svix_url"));
  assert.equal(opened.appId, created.appId);
  assert.notEqual(opened.oneTimeToken, created.oneTimeToken);
});

Deno.test("a one-time token is exchanged once, and nothing else opens the app", async () => {
  await using running = await startDouble();
  const key = await readPortalKey(await askClerk(running.url, "POST", "webhooks/svix"));
  const first = await exchange(running.url, key.oneTimeToken);
  assert.equal(first.status, 200);
  await first.body?.cancel();
  const second = await exchange(running.url, key.oneTimeToken);
  assert.equal(second.status, 401);
  await second.body?.cancel();
  const stranger = new Svix("appsk_guessed.eu", { serverUrl: running.url });
  assert.deepEqual(await svixRefusal(stranger.endpoint.list(key.appId)), {
    status: 401,
    body: { code: "authentication_failed", detail: "Invalid token" },
  });
  const { svix } = await openPortal(running.url);
  assert.equal((await svixRefusal(svix.endpoint.list("app_of_others"))).status, 404);
});

Deno.test("an endpoint is created, found by its uid, changed and listed page by page", async () => {
  await using running = await startDouble();
  const { svix, appId } = await openPortal(running.url);
  const url = "https://example.com/hook?forceFunctionRegion=eu-central-1";
  const created = await svix.endpoint.create(appId, {
    url,
    uid: "ours",
    disabled: true,
    eventTypes: events,
  });
  assert.match(created.id, /^ep_/);
  assert.deepEqual(
    [created.url, created.uid, created.disabled, created.eventTypes],
    [url, "ours", true, events],
  );
  assert.ok(Math.abs(created.createdAt.getTime() - Date.now()) < hour);
  assert.deepEqual(await svix.endpoint.get(appId, "ours"), created);
  const changed = await svix.endpoint.patch(appId, "ours", { disabled: false });
  assert.deepEqual([changed.disabled, changed.url, changed.eventTypes], [false, url, events]);
  const taken = await svixRefusal(svix.endpoint.create(appId, { url, uid: "ours" }));
  assert.equal(taken.status, 409);
  const invalid = await svixRefusal(svix.endpoint.create(appId, { url: "example.com" }));
  assert.equal(invalid.status, 422);

  await svix.endpoint.create(appId, { url: "https://example.com/2" });
  const first = await svix.endpoint.list(appId, { limit: 1 });
  assert.deepEqual([first.data.length, first.done], [1, false]);
  const second = await svix.endpoint.list(appId, { limit: 1, iterator: first.iterator });
  assert.deepEqual([second.data[0]?.url, second.done], ["https://example.com/2", true]);
  assert.equal((await svixRefusal(svix.endpoint.get(appId, "ep_unknown"))).status, 404);
});

Deno.test("each endpoint gets the events that it subscribes to, signed with its own secret", async () => {
  await using one = startReceiver();
  await using other = startReceiver();
  await using running = await startDouble();
  const { svix, appId } = await openPortal(running.url);
  const created = await svix.endpoint.create(appId, { url: one.url, eventTypes: ["user.created"] });
  const all = await svix.endpoint.create(appId, { url: other.url });
  const { id } = await running.clerk.users.createUser({});
  await running.clerk.users.deleteUser(id);
  await running.double.settled();
  assert.equal(one.received.length, 1);
  assert.equal(other.received.length, 2);
  const secretOf = async (endpoint: string) => (await svix.endpoint.getSecret(appId, endpoint)).key;
  const [delivery] = one.received;
  assert.ok(delivery);
  const headers = Object.fromEntries(delivery.headers);
  new Webhook(await secretOf(created.id)).verify(delivery.body, headers);
  const foreign = new Webhook(await secretOf(all.id));
  assert.throws(() => foreign.verify(delivery.body, headers));
});

Deno.test("a rotated secret goes on signing for 24 hours, and then no more", async () => {
  let time = Date.now();
  await using receiver = startReceiver();
  await using running = await startDouble({ now: () => time });
  const { svix, appId } = await openPortal(running.url);
  const { id } = await svix.endpoint.create(appId, { url: receiver.url });
  const { key: old } = await svix.endpoint.getSecret(appId, id);
  const chosen = "whsec_bmV3IHNlY3JldCBvZiB0aGUgZW5kcG9pbnQ=";
  await svix.endpoint.rotateSecret(appId, id, { key: chosen });
  assert.equal((await svix.endpoint.getSecret(appId, id)).key, chosen);
  assert.deepEqual(running.double.endpoint().secrets, [chosen, old]);
  time += 24 * hour - 1;
  assert.deepEqual(running.double.endpoint().secrets, [chosen, old]);
  time += 1;
  assert.deepEqual(running.double.endpoint().secrets, [chosen]);
  await svix.endpoint.rotateSecret(appId, id, { gracePeriodSeconds: 0 });
  const { secrets } = running.double.endpoint();
  assert.equal(secrets.length, 1);
  assert.notEqual(secrets[0], chosen);
});

Deno.test("a disabled endpoint gets nothing; recovery and replay bring everything once", async () => {
  await using receiver = startReceiver((number) =>
    new Response(null, { status: number === 0 ? 500 : 200 })
  );
  await using running = await startDouble({ endpoint: { retry_schedule_ms: [hour] } });
  const { double, clerk, url } = running;
  const { svix, appId } = await openPortal(url);
  const { id } = await svix.endpoint.create(appId, { url: receiver.url, eventTypes: events });
  await clerk.users.createUser({});
  await double.settled();
  assert.equal((await svix.endpoint.getStats(appId, id)).pending, 1);
  await (await control(url, "PUT", "endpoint", { disabled: true })).body?.cancel();
  assert.equal((await svix.endpoint.get(appId, id)).disabled, true);
  await clerk.users.createUser({});
  await double.settled();
  assert.deepEqual(double.messages.counts(), { pending: 0, delivered: 0, failed: 1, missed: 1 });

  await svix.endpoint.patch(appId, id, { disabled: false });
  const recovery = await svix.endpoint.recover(appId, id, { since: longAgo() });
  assert.deepEqual([recovery.task, recovery.status], ["endpoint.recover", "running"]);
  await double.settled();
  assert.deepEqual(double.messages.counts(), { pending: 0, delivered: 1, failed: 0, missed: 1 });
  const replay = await svix.endpoint.replayMissing(appId, id, { since: longAgo() });
  assert.match(replay.id, /^qtask_/);
  assert.equal(replay.task, "endpoint.replay");
  await double.settled();
  assert.deepEqual(double.messages.counts(), { pending: 0, delivered: 2, failed: 0, missed: 0 });
  assert.deepEqual(
    await svix.endpoint.getStats(appId, id, { since: longAgo() }),
    { success: 2, pending: 0, sending: 0, fail: 0, canceled: 0 },
  );
  await svix.endpoint.replayMissing(appId, id, { since: longAgo() });
  await svix.endpoint.recover(appId, id, { since: longAgo() });
  await double.settled();
  assert.equal(receiver.received.length, 3);
});

Deno.test("an endpoint that is disabled through the API gives up what waits for it", async () => {
  await using receiver = startReceiver(() => new Response(null, { status: 500 }));
  await using running = await startDouble({ endpoint: { retry_schedule_ms: [hour] } });
  const { svix, appId } = await openPortal(running.url);
  const { id } = await svix.endpoint.create(appId, { url: receiver.url });
  await running.clerk.users.createUser({});
  await running.double.settled();
  await svix.endpoint.patch(appId, id, { disabled: true });
  const { pending, fail } = await svix.endpoint.getStats(appId, id);
  assert.deepEqual([pending, fail], [0, 1]);
});

Deno.test("only messages since the given time come again, and none older than 14 days", async () => {
  let time = Date.now() - 15 * 24 * hour;
  await using receiver = startReceiver();
  await using running = await startDouble({ now: () => time });
  const { svix, appId } = await openPortal(running.url);
  const { id } = await svix.endpoint.create(appId, { url: receiver.url, disabled: true });
  await running.clerk.users.createUser({});
  time += 15 * 24 * hour;
  await running.clerk.users.createUser({});
  await svix.endpoint.patch(appId, id, { disabled: false });
  await svix.endpoint.replayMissing(appId, id, { since: new Date(time - hour) });
  await running.double.settled();
  assert.equal(receiver.received.length, 1);
  const tooEarly = svix.endpoint.recover(appId, id, { since: new Date(time - 15 * 24 * hour) });
  const { status, body } = await svixRefusal(tooEarly);
  assert.equal(status, 422);
  assert.match(JSON.stringify(body), /more than 14 days old/);
});

Deno.test("an endpoint that is made later gets what another one got before", async () => {
  await using first = startReceiver();
  await using second = startReceiver();
  await using running = await startDouble();
  const { svix, appId } = await openPortal(running.url);
  await svix.endpoint.create(appId, { url: first.url });
  const { id: userId } = await running.clerk.users.createUser({});
  await running.clerk.users.updateUser(userId, { firstName: "Ada" });
  const { id } = await svix.endpoint.create(appId, { url: second.url, eventTypes: events });
  await svix.endpoint.replayMissing(appId, id, { since: longAgo() });
  await running.double.settled();
  assert.deepEqual([first.received.length, second.received.length], [2, 1]);
});

Deno.test("attempts are listed by outcome, newest first, page by page", async () => {
  await using receiver = startReceiver((number) =>
    new Response("no", { status: number < 2 ? 503 : 200 })
  );
  await using running = await startDouble({ endpoint: { retry_schedule_ms: [5, 5] } });
  const { svix, appId } = await openPortal(running.url);
  const { id } = await svix.endpoint.create(appId, { url: receiver.url });
  await running.clerk.users.createUser({});
  await eventually("a delivery", () => running.double.messages.counts().delivered === 1);
  const all = await svix.messageAttempt.listByEndpoint(appId, id, { withMsg: true });
  assert.deepEqual(all.data.map(({ responseStatusCode }) => responseStatusCode), [200, 503, 503]);
  assert.deepEqual(all.data.map(({ status }) => status), [0, 2, 2]);
  assert.deepEqual(all.data.map(({ statusText }) => statusText), ["success", "fail", "fail"]);
  assert.equal(all.data[0]?.msg?.eventType, "user.created");
  assert.equal(all.data[0]?.endpointId, id);
  assert.equal(all.data[1]?.response, "");
  const failed = await svix.messageAttempt.listByEndpoint(appId, id, { status: 2, limit: 1 });
  assert.deepEqual([failed.data[0]?.id, failed.done], [all.data[1]?.id, false]);
  const older = await svix.messageAttempt.listByEndpoint(appId, id, {
    status: 2,
    limit: 1,
    iterator: failed.iterator,
  });
  assert.deepEqual([older.data[0]?.id, older.done], [all.data[2]?.id, true]);
  const content = await svix.messageAttempt.listByEndpoint(appId, id, { withContent: true });
  assert.equal(content.data[1]?.response, "no");
  const later = await svix.messageAttempt.listByEndpoint(appId, id, {
    after: new Date(Date.now() + hour),
  });
  assert.equal(later.data.length, 0);
});

Deno.test("Svix' side of the double fails in Svix' form", async () => {
  await using running = await startDouble();
  const { svix, appId } = await openPortal(running.url);
  const route = "GET /api/v1/app/*";
  const faults = [{ route, status: 429, retry_after: 3, times: 1 }];
  await (await control(running.url, "PUT", "faults", { faults })).body?.cancel();
  assert.deepEqual(await svixRefusal(svix.endpoint.list(appId)), {
    status: 429,
    body: { code: "rate_limit", detail: "Too many requests. Please try again in a bit." },
  });
});

Deno.test("an endpoint made through the portal survives a restart of the double", async () => {
  const directory = await Deno.makeTempDir();
  const database = `${directory}/clerk.sqlite`;
  await using receiver = startReceiver();
  let secret = "";
  {
    await using running = await startDouble({ database });
    const { svix, appId } = await openPortal(running.url);
    const created = await svix.endpoint.create(appId, { url: receiver.url, uid: "ours" });
    secret = (await svix.endpoint.getSecret(appId, created.id)).key;
  }
  await using running = await startDouble({ database });
  const { svix, appId } = await openPortal(running.url);
  assert.equal((await svix.endpoint.getSecret(appId, "ours")).key, secret);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("session tokens lack the role while Clerk's Supabase integration is off", async () => {
  await using running = await startDouble();
  const { clerk, url } = running;
  const user = await clerk.users.createUser({});
  const session = await clerk.sessions.createSession({ userId: user.id });
  const claims = async () => {
    const { jwt } = await clerk.sessions.getToken(session.id);
    return JSON.parse(atob(jwt.split(".")[1] ?? ""));
  };
  assert.equal((await claims()).role, "authenticated");
  await (await control(url, "PUT", "integrations", { supabase: false })).body?.cancel();
  assert.equal("role" in await claims(), false);
  const active = await askClerk(url, "GET", `sessions?user_id=${user.id}&status=active`);
  assert.match(await active.text(), new RegExp(session.id));
});
