import assert from "node:assert/strict";
import { openPortal } from "../../cli/hosted/portal.ts";
import { serveLoopback } from "../support/loopback_server.ts";

const secretKey = "sk_test_of_the_portal";

function address(key: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(key));
  return `https://app.svix.com/login#key=${bytes.toBase64({ alphabet: "base64url" })}`;
}

/** Opens the portal of a Clerk that gives these answers, one after the other. */
async function open(answers: readonly [status: number, body: unknown][], create = true) {
  const left = [...answers];
  await using server = serveLoopback(() => {
    const [status, body] = left.shift() ?? [500, {}];
    return Response.json(body, { status });
  });
  const access = { secretKey, apiUrl: server.url, svixUrl: server.url, timeLimit: 5_000 };
  const outcome = await openPortal(access, create);
  return { outcome, asked: server.requests.map(({ path }) => path) };
}

const coded = (code: string) => ({ errors: [{ code, message: "", long_message: "" }] });
const opened = address({ appId: "app_1", oneTimeToken: "once", region: "eu" });

Deno.test("the portal's app is made if it is missing, and taken if another run has just made it", async () => {
  const { outcome, asked } = await open([
    [400, coded("svix_app_missing")],
    [400, coded("svix_app_exists")],
    [200, { svix_url: opened }],
    [200, { token: "appsk_1.eu" }],
  ]);
  assert.ok(outcome.ok);
  assert.equal(outcome.value?.appId, "app_1");
  assert.deepEqual(asked, [
    "/v1/webhooks/svix_url",
    "/v1/webhooks/svix",
    "/v1/webhooks/svix_url",
    "/api/v1/auth/one-time-token",
  ]);
});

Deno.test("a look does not make the portal's app", async () => {
  const { outcome, asked } = await open([[400, coded("svix_app_missing")]], false);
  assert.deepEqual(outcome, { ok: true, value: undefined });
  assert.deepEqual(asked, ["/v1/webhooks/svix_url"]);
});

Deno.test("the one-time token goes nowhere if the portal's address is not as expected", async () => {
  const addresses = [
    "https://app.svix.com/login",
    "https://app.svix.com/login#key=%%%",
    address({ appId: "app_1", region: "eu" }),
    address({ appId: "app_1", oneTimeToken: "once", region: "eu.evil.example/" }),
    address({ appId: "app_1", oneTimeToken: "once", region: "" }),
  ];
  for (const svix_url of addresses) {
    const { outcome, asked } = await open([[200, { svix_url }]]);
    assert.equal(outcome.ok, false, svix_url);
    assert.equal(asked.length, 1, svix_url);
  }
});
