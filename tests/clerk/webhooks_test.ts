import assert from "node:assert/strict";
import { z } from "zod";
import { eventually, pause } from "../support/eventually.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import {
  control,
  instanceId,
  type Received,
  startDouble,
  startReceiver,
} from "./running_double.ts";
import { verified } from "./verified.ts";

const otherSecret = "whsec_bm90IHRoZSBzYW1lIHNlY3JldCBhdCBhbGw=";

function svixIds(received: readonly Received[]): string[] {
  return received.map(({ headers }) => headers.get("svix-id") ?? "");
}

const endpoint = { secrets: [signingSecret], retry_schedule_ms: [10, 10, 10] };

Deno.test("every change of a user is delivered with a signature like Svix'", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { users } = running.clerk;
  const { id } = await users.createUser({ emailAddress: ["ada@example.com"], externalId: "7" });
  await running.double.settled();
  await users.updateUser(id, { firstName: "Ada" });
  await running.double.settled();
  await users.updateUserMetadata(id, { publicMetadata: { plan: "pro" } });
  await running.double.settled();
  const before = await users.getUser(id);
  await users.deleteUser(id);
  await running.double.settled();

  const events = receiver.received.map((delivery) => verified(delivery));
  assert.deepEqual(events.map(({ type }) => type), [
    "user.created",
    "user.updated",
    "user.updated",
    "user.deleted",
  ]);
  assert.deepEqual(events[2]?.data, { ...before.raw });
  assert.deepEqual(events[3]?.data, { object: "user", id, deleted: true, external_id: "7" });
  for (const { instance_id: instance, timestamp, event_attributes: attributes } of events) {
    assert.equal(instance, instanceId);
    assert.ok(Math.abs(Date.now() - timestamp) < 60_000, "not in milliseconds");
    assert.match(attributes.http_request.user_agent, /^@clerk\/backend/);
  }
  assert.equal(new Set(svixIds(receiver.received)).size, 4);
  for (const { headers } of receiver.received) {
    assert.match(headers.get("svix-id") ?? "", /^msg_[0-9A-Za-z]{27}$/);
    assert.equal(headers.get("content-type"), "application/json");
    assert.match(headers.get("user-agent") ?? "", /^Svix-Webhooks\//);
  }
});

Deno.test("held deliveries can be released newest first", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  await control(running.url, "PUT", "endpoint", { paused: true });
  const { id } = await running.clerk.users.createUser({ firstName: "Ada" });
  for (const firstName of ["Grace", "Alan"]) {
    await running.clerk.users.updateUser(id, { firstName });
  }
  assert.equal(receiver.received.length, 0);
  const released = await control(running.url, "POST", "release", { newest_first: true });
  assert.equal((await released.json()).paused, false);
  await eventually("all deliveries", () => receiver.received.length === 3);
  const names = receiver.received.map((delivery) => verified(delivery).data.first_name);
  assert.deepEqual(names, ["Alan", "Grace", "Ada"]);
});

Deno.test("attempts are listed as they end, each once", async () => {
  await using receiver = startReceiver((number) =>
    new Response("no", { status: number ? 200 : 500 })
  );
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const list = async (query: string) =>
    await (await control(running.url, "GET", `attempts${query}`)).json();
  const { id } = await running.clerk.users.createUser({ firstName: "Ada" });
  await eventually("a second attempt", async () => (await list("")).data.length === 2);
  const { data: [first, second] } = await list("");
  assert.deepEqual([first.status, first.number, second.status, second.number], [500, 1, 200, 2]);
  assert.deepEqual([first.type, first.subject, first.response], ["user.created", id, "no"]);
  assert.deepEqual((await list(`?after=${first.sequence}`)).data, [second]);
  assert.deepEqual((await list(`?after=${second.sequence}`)).data, []);
  assert.deepEqual((await list("?limit=1")).data, [second]);
});

Deno.test("a sign-in is delivered as a session and as a change of the user", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { users, sessions } = running.clerk;
  const { id: userId } = await users.createUser({});
  const session = await sessions.createSession({ userId });
  await running.double.settled();
  const events = receiver.received.map((delivery) => verified(delivery));
  const types = events.map(({ type }) => type).sort();
  assert.deepEqual(types, ["session.created", "user.created", "user.updated"]);
  assert.equal(events.find(({ type }) => type === "session.created")?.data.id, session.id);
  assert.deepEqual(
    events.find(({ type }) => type === "user.updated")?.data.last_sign_in_at,
    (await users.getUser(userId)).lastSignInAt,
  );
});

const failures: {
  name: string;
  reply: () => Response | Promise<Response>;
  status: number | null;
}[] = [
  { name: "a 500", reply: () => new Response("broken", { status: 500 }), status: 500 },
  { name: "a 422", reply: () => new Response(null, { status: 422 }), status: 422 },
  {
    name: "a redirect",
    reply: () => Response.redirect("http://127.0.0.1:9/elsewhere", 308),
    status: 308,
  },
];

for (const { name, reply, status } of failures) {
  Deno.test(`${name} is retried under the same svix-id`, async () => {
    await using receiver = startReceiver((number) => number < 2 ? reply() : new Response("ok"));
    await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
    await running.clerk.users.createUser({});
    await eventually("a delivery", () => running.double.messages.counts().delivered === 1);
    assert.equal(receiver.received.length, 3);
    assert.equal(new Set(svixIds(receiver.received)).size, 1);
    const events = receiver.received.map((delivery) => verified(delivery));
    assert.deepEqual(events[0], events[2]);
    const [message] = running.double.messages.list({ limit: 1 });
    assert.deepEqual(message?.attempts.map((attempt) => attempt.status), [status, status, 200]);
  });
}

Deno.test("an answer that comes too late counts as a failure", async () => {
  const { promise: late, resolve: release } = Promise.withResolvers<Response>();
  await using receiver = startReceiver((number) => number === 0 ? late : new Response("ok"));
  await using running = await startDouble({
    endpoint: { ...endpoint, url: receiver.url },
    // Long enough for the answer that should come in time.
    deliveryTimeLimit: 1_000,
  });
  await running.clerk.users.createUser({});
  await eventually("a delivery", () => running.double.messages.counts().delivered === 1);
  release(new Response("ok"));
  const [message] = running.double.messages.list({ limit: 1 });
  assert.deepEqual(message?.attempts.map(({ status, error }) => ({ status, error })), [
    { status: null, error: "Timed out" },
    { status: 200, error: null },
  ]);
  assert.equal(new Set(svixIds(receiver.received)).size, 1);
});

Deno.test("a dead endpoint gets its messages when it is back", async () => {
  const dead = startReceiver();
  await dead[Symbol.asyncDispose]();
  await using running = await startDouble({ endpoint: { ...endpoint, url: dead.url } });
  const { double, clerk } = running;
  const { id } = await clerk.users.createUser({});
  await eventually("a last attempt", () => double.messages.counts().failed === 1);
  const [message] = double.messages.list({ limit: 1 });
  assert.equal(message?.attempts.length, 4, "the immediate attempt and one for each retry");
  assert.ok(message.attempts.every(({ status, error }) => status === null && error));

  await using receiver = startReceiver();
  double.setEndpoint({ url: receiver.url });
  const response = await control(running.url, "POST", "deliver-now");
  assert.deepEqual(await response.json(), { due: 1 });
  await double.settled();
  assert.deepEqual(svixIds(receiver.received), [message.id]);
  assert.deepEqual(receiver.received.map((delivery) => verified(delivery).data.id), [id]);
});

Deno.test("the control API makes a waiting retry due at once", async () => {
  await using receiver = startReceiver((number) =>
    new Response(null, { status: number === 0 ? 503 : 200 })
  );
  await using running = await startDouble({
    endpoint: { ...endpoint, url: receiver.url, retry_schedule_ms: [3_600_000] },
  });
  const { double, clerk, url } = running;
  await clerk.users.createUser({});
  await double.settled();
  assert.deepEqual(double.messages.counts(), { pending: 1, delivered: 0, failed: 0, missed: 0 });
  await (await control(url, "POST", "deliver-now")).body?.cancel();
  await double.settled();
  assert.deepEqual(double.messages.counts(), { pending: 0, delivered: 1, failed: 0, missed: 0 });
});

Deno.test("a paused endpoint holds deliveries until it is resumed", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({
    endpoint: { ...endpoint, url: receiver.url, paused: true },
  });
  const { double, clerk, url } = running;
  const { id } = await clerk.users.createUser({});
  await clerk.users.updateUser(id, { firstName: "Ada" });
  await double.settled();
  assert.equal(receiver.received.length, 0);
  assert.equal(double.messages.counts().pending, 2);
  const response = await control(url, "PUT", "endpoint", { paused: false });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { ...double.endpoint(), paused: false });
  await double.settled();
  assert.equal(receiver.received.length, 2);
});

Deno.test("no message is made without an endpoint or for an event that is not selected", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble();
  const { double, clerk } = running;
  const { id: userId } = await clerk.users.createUser({});
  double.setEndpoint({ ...endpoint, url: receiver.url, event_types: ["user.deleted"] });
  await clerk.sessions.createSession({ userId });
  await clerk.users.deleteUser(userId);
  await double.settled();
  assert.deepEqual(receiver.received.map((delivery) => verified(delivery).type), ["user.deleted"]);
  assert.equal(double.messages.list({ limit: 10 }).length, 1);
});

Deno.test("a delivered message can be sent again under its svix-id", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { double, clerk, url } = running;
  await clerk.users.createUser({});
  await double.settled();
  const [id] = svixIds(receiver.received);
  const response = await control(url, "POST", `messages/${id}/resend`);
  assert.deepEqual(await response.json(), { id });
  await double.settled();
  await eventually("the second delivery", () => receiver.received.length === 2);
  assert.deepEqual(svixIds(receiver.received), [id, id]);
  assert.equal(receiver.received[0]?.body, receiver.received[1]?.body);
  const missing = await control(url, "POST", `messages/msg_unknown/resend`);
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
});

Deno.test("a resend requested during an attempt is not lost", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<Response>();
  await using receiver = startReceiver((number) => number === 0 ? held : new Response("ok"));
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { double, clerk, url } = running;
  await clerk.users.createUser({});
  await eventually("the first attempt", () => receiver.received.length === 1);
  const [id] = svixIds(receiver.received);
  await (await control(url, "POST", `messages/${id}/resend`)).body?.cancel();
  release(new Response("ok"));
  await eventually("the second delivery", () => receiver.received.length === 2);
  await eventually("its end", () => double.messages.counts().delivered === 1);
});

Deno.test("during a rotation a delivery verifies with either secret", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({
    endpoint: { ...endpoint, url: receiver.url, secrets: [signingSecret, otherSecret] },
  });
  await running.clerk.users.createUser({});
  await running.double.settled();
  const [delivery] = receiver.received;
  assert.ok(delivery);
  assert.equal(verified(delivery, signingSecret).type, "user.created");
  assert.equal(verified(delivery, otherSecret).type, "user.created");
  assert.match(delivery.headers.get("svix-signature") ?? "", /^v1,\S+ v1,\S+$/);
  running.double.setEndpoint({ secrets: [otherSecret] });
  await running.clerk.users.createUser({});
  await running.double.settled();
  const [, afterwards] = receiver.received;
  assert.ok(afterwards);
  assert.throws(() => verified(afterwards, signingSecret));
});

Deno.test("a restarted double delivers what is pending, and still knows the users", async () => {
  const directory = await Deno.makeTempDir();
  const database = `${directory}/clerk.sqlite`;
  const dead = startReceiver();
  await dead[Symbol.asyncDispose]();
  const ids: string[] = [];
  {
    await using running = await startDouble({
      database,
      // Enough retries that no message is given up meanwhile.
      endpoint: { ...endpoint, url: dead.url, retry_schedule_ms: Array(60).fill(1_000) },
    });
    for (let number = 0; number < 20; number++) {
      const user = await running.clerk.users.createUser({ firstName: `User ${number}` });
      ids.push(user.id);
    }
  }
  await using receiver = startReceiver();
  await using running = await startDouble({
    database,
    endpoint: { ...endpoint, url: receiver.url },
  });
  await eventually("all deliveries", () => running.double.messages.counts().delivered === 20);
  const delivered = receiver.received.map((delivery) => verified(delivery).data.id);
  assert.deepEqual(delivered.sort(), [...ids].sort());
  assert.equal((await running.clerk.users.getUser(ids[7] ?? "")).firstName, "User 7");
  await Deno.remove(directory, { recursive: true });
});

Deno.test("deliveries run side by side, but never more than sixteen", async () => {
  let atOnce = 0;
  let most = 0;
  await using receiver = startReceiver(async () => {
    most = Math.max(most, ++atOnce);
    await pause(5);
    atOnce--;
    return new Response("ok");
  });
  await using running = await startDouble({
    endpoint: { ...endpoint, url: receiver.url, paused: true },
  });
  for (let number = 0; number < 60; number++) await running.clerk.users.createUser({});
  running.double.setEndpoint({ paused: false });
  await running.double.settled();
  assert.equal(receiver.received.length, 60);
  assert.ok(most > 1 && most <= 16, `${most} at once`);
});

Deno.test("the control API lists messages by filter, newest first", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { clerk, double, url } = running;
  const first = await clerk.users.createUser({});
  const second = await clerk.users.createUser({});
  await clerk.users.deleteUser(first.id);
  await double.settled();
  const list = async (query: string) => {
    const response = await control(url, "GET", `messages${query}`);
    const body = z.object({
      data: z.array(z.looseObject({ type: z.string(), user_id: z.string() })),
    }).parse(await response.json());
    return body.data.map((message) => `${message.type} ${message.user_id}`);
  };
  const all = [
    `user.deleted ${first.id}`,
    `user.created ${second.id}`,
    `user.created ${first.id}`,
  ];
  assert.deepEqual(await list(""), all);
  assert.deepEqual(await list("?type=user.created"), all.slice(1));
  assert.deepEqual(await list(`?user_id=${first.id}`), [all[0], all[2]]);
  assert.deepEqual(await list("?status=delivered&limit=1"), all.slice(0, 1));
  assert.deepEqual(await list("?status=pending"), []);
});

Deno.test("the control API sends any event and signs any claims", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: { ...endpoint, url: receiver.url } });
  const { clerk, double, url } = running;
  const post = async (path: string, body: unknown) => {
    const response = await control(url, "POST", path, body);
    return { status: response.status, body: await response.json() as unknown };
  };
  const { body } = await post("messages", {
    type: "email.created",
    data: { id: "ema_1" },
    timestamp: 1_654_012_591,
  });
  await double.settled();
  const [delivery] = receiver.received;
  assert.ok(delivery);
  const { type, timestamp, data } = verified(delivery);
  assert.deepEqual({ type, timestamp, data }, {
    type: "email.created",
    timestamp: 1_654_012_591,
    data: { id: "ema_1" },
  });
  assert.deepEqual(body, { id: delivery.headers.get("svix-id") });

  const user = await clerk.users.createUser({});
  const session = z.looseObject({ id: z.string() }).parse(
    (await post("sessions", { user_id: user.id, status: "pending" })).body,
  );
  const token = z.object({ jwt: z.string() }).parse(
    (await post("tokens", { session_id: session.id, claims: { exp: 1 } })).body,
  );
  const payload: unknown = JSON.parse(atob(token.jwt.split(".")[1] ?? ""));
  const { sts, exp, sub } = z.looseObject({ sts: z.string(), exp: z.int(), sub: z.string() })
    .parse(payload);
  assert.deepEqual({ sts, exp, sub }, { sts: "pending", exp: 1, sub: user.id });

  assert.equal((await post("messages", { type: 3 })).status, 400);
  double.setEndpoint({ url: null });
  assert.equal((await post("messages", { type: "x", data: {} })).status, 409);
});
Deno.test("a retry is made even if it falls due while the clock is being read", async () => {
  await using receiver = startReceiver((number) =>
    new Response(null, { status: number === 0 ? 500 : 200 })
  );
  let time = Date.now();
  await using running = await startDouble({
    now: () => time++,
    endpoint: { ...endpoint, url: receiver.url, retry_schedule_ms: [2] },
  });
  await running.clerk.users.createUser({});
  await eventually("a delivery", () => running.double.messages.counts().delivered === 1);
  assert.equal(receiver.received.length, 2);
});
