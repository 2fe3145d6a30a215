import type { ClerkClient } from "@clerk/backend";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import assert from "node:assert/strict";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import {
  control as askControl,
  type RunningDouble,
  secretKey,
  startDouble,
} from "./running_double.ts";

const userRoute = "GET /v1/users/*";

async function control(
  { url }: RunningDouble,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await askControl(url, method, path, body);
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`HTTP ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

function inject(running: RunningDouble, ...faults: readonly unknown[]): Promise<unknown> {
  return control(running, "PUT", "faults", { faults });
}

async function met(running: RunningDouble): Promise<number[]> {
  const listed = z.object({ faults: z.array(z.looseObject({ met: z.int() })) });
  return listed.parse(await control(running, "GET", "faults")).faults.map(({ met }) => met);
}

/** The error that Clerk's client throws for a failing request. */
async function failure(request: Promise<unknown>) {
  try {
    await request;
  } catch (error) {
    if (isClerkAPIResponseError(error)) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

async function startWithUser(): Promise<RunningDouble & { userId: string; clerk: ClerkClient }> {
  const running = await startDouble();
  const { id } = await running.clerk.users.createUser({ firstName: "Ada" });
  return Object.assign(running, { userId: id });
}

Deno.test("a fault answers with Clerk's error as often as asked, and then no more", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: userRoute, status: 429, retry_after: 7, times: 2 });
  for (let request = 0; request < 2; request++) {
    const { status, retryAfter, errors } = await failure(clerk.users.getUser(userId));
    assert.deepEqual([status, retryAfter, errors[0]?.code], [429, 7, "too_many_requests"]);
  }
  assert.equal((await clerk.users.getUser(userId)).id, userId);
  assert.deepEqual(await met(running), [2]);
});

Deno.test("a fault meets only the requests of its route, until it is cleared", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: userRoute, status: 500 });
  await clerk.users.updateUser(userId, { firstName: "Grace" });
  await clerk.sessions.createSession({ userId });
  const { status, errors } = await failure(clerk.users.getUser(userId));
  assert.deepEqual([status, errors[0]?.code], [500, "internal_clerk_error"]);
  await control(running, "DELETE", "faults");
  assert.equal((await clerk.users.getUser(userId)).firstName, "Grace");
});

Deno.test("the first of several matching faults counts, then the next when it is used up", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(
    running,
    { route: `GET /v1/users/${userId}`, status: 503, times: 1 },
    { route: "* /v1/*", status: 500 },
  );
  assert.equal((await failure(clerk.users.getUser(userId))).status, 503);
  assert.equal((await failure(clerk.users.getUser(userId))).status, 500);
  assert.equal((await failure(clerk.sessions.createSession({ userId }))).status, 500);
  assert.deepEqual(await met(running), [1, 2]);
});

Deno.test("one user can be missing while Clerk's lists still show them", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: `GET /v1/users/${userId}`, status: 404 });
  const { status, errors } = await failure(clerk.users.getUser(userId));
  assert.deepEqual([status, errors[0]?.code], [404, "resource_not_found"]);
  const { data } = await clerk.users.getUserList({ userId: [userId] });
  assert.deepEqual(data.map(({ id }) => id), [userId]);
});

Deno.test("every route of users can answer 404, as if the key's instance were not found", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: "* /v1/users*", status: 404 });
  for (
    const request of [
      clerk.users.getUser(userId),
      clerk.users.getUserList({ userId: [userId] }),
      clerk.users.getCount(),
    ]
  ) {
    const { status, errors } = await failure(request);
    assert.deepEqual([status, errors[0]?.code], [404, "resource_not_found"]);
  }
});

Deno.test("the key set can be rate limited, with a time to wait", async () => {
  await using running = await startWithUser();
  await inject(running, { route: "GET /v1/jwks", status: 429, retry_after: 3 });
  const response = await fetch(`${running.url}/v1/jwks`, {
    headers: { authorization: `Bearer ${secretKey}` },
  });
  assert.deepEqual([response.status, response.headers.get("retry-after")], [429, "3"]);
  assert.match(await response.text(), /"code":"too_many_requests"/);
});

Deno.test("a fault that only delays ends in the real answer", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: userRoute, delay_ms: 150 });
  const started = performance.now();
  assert.equal((await clerk.users.getUser(userId)).id, userId);
  assert.ok(performance.now() - started >= 149);
});

Deno.test("garbage comes with a 200, as a page or as truncated JSON", async () => {
  await using running = await startWithUser();
  const { url, userId } = running;
  const request = () =>
    fetch(`${url}/v1/users/${userId}`, { headers: { authorization: `Bearer ${secretKey}` } });
  await inject(running, { route: userRoute, garbage: "page" });
  const page = await request();
  assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html"]);
  assert.match(await page.text(), /^<!doctype html>/);
  await inject(running, { route: userRoute, garbage: "truncated" });
  const truncated = await request();
  assert.equal(truncated.headers.get("content-type"), "application/json");
  await assert.rejects(truncated.json(), SyntaxError);
});

Deno.test("a broken connection ends in the middle of the body", async () => {
  await using running = await startWithUser();
  await inject(running, { route: userRoute, connection: "broken" });
  const response = await fetch(`${running.url}/v1/users/${running.userId}`);
  await assert.rejects(response.text(), TypeError);
});

Deno.test("a silent connection sends nothing until the faults change", async () => {
  await using running = await startWithUser();
  const { clerk, userId } = running;
  await inject(running, { route: userRoute, connection: "silent" });
  let over = false;
  const silent = fetch(`${running.url}/v1/users/${userId}`).then((response) => response.text())
    .catch(() => "broken").finally(() => over = true);
  while ((await met(running))[0] !== 1);
  // Other requests are answered meanwhile.
  await clerk.users.updateUser(userId, { firstName: "Grace" });
  assert.equal(over, false);
  await control(running, "DELETE", "faults");
  await eventually("the end of the silence", () => over);
  assert.equal(await silent, "broken");
});

Deno.test("an invalid fault is refused, and earlier faults stay", async () => {
  await using running = await startWithUser();
  await inject(running, { route: userRoute, status: 500 });
  for (
    const wrong of [{ route: "users" }, { route: userRoute, status: 200 }, {
      route: userRoute,
      garbage: "yes",
    }, { route: userRoute, colour: "red" }]
  ) await assert.rejects(inject(running, wrong), /HTTP 400/);
  assert.deepEqual(await met(running), [0]);
});

Deno.test("the control API has no faults", async () => {
  await using running = await startWithUser();
  await inject(running, { route: "* /*", status: 500 });
  assert.deepEqual(await met(running), [0]);
});

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

async function publishedKids({ url }: RunningDouble): Promise<string[]> {
  const headers = { authorization: `Bearer ${secretKey}` };
  const [backend, frontend] = await Promise.all(
    ["/v1/jwks", "/.well-known/jwks.json"].map(async (path) =>
      keySet.parse(await (await fetch(url + path, { headers })).json()).keys.map(({ kid }) => kid)
    ),
  );
  assert.deepEqual(backend, frontend);
  return backend ?? [];
}

function kidOf(jwt: string): unknown {
  return JSON.parse(atob(jwt.split(".")[0] ?? "")).kid;
}

async function rotate(running: RunningDouble, body: unknown): Promise<string> {
  return z.object({ kid: z.string() }).parse(await control(running, "POST", "keys/rotate", body))
    .kid;
}

Deno.test("a new key signs from its rotation on, and the key set shows only this key", async () => {
  await using running = await startWithUser();
  const { sessions } = running.clerk;
  const session = await sessions.createSession({ userId: running.userId });
  const [first] = await publishedKids(running);
  assert.equal(kidOf((await sessions.getToken(session.id)).jwt), first);
  const second = await rotate(running, {});
  assert.notEqual(second, first);
  assert.deepEqual(await publishedKids(running), [second]);
  assert.equal(kidOf((await sessions.getToken(session.id)).jwt), second);
});

Deno.test("a rotation can keep the previous key in the key set for a given time", async () => {
  let time = Date.now();
  await using running = await startDouble({ now: () => time });
  const [first] = await publishedKids(running);
  const second = await rotate(running, { keep_ms: 1000 });
  assert.deepEqual(await publishedKids(running), [second, first]);
  time += 999;
  assert.deepEqual(await publishedKids(running), [second, first]);
  time += 1;
  assert.deepEqual(await publishedKids(running), [second]);
});
