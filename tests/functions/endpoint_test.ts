import { corsHeaders } from "@supabase/supabase-js/cors";
import assert from "node:assert/strict";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createEndpoint } from "../../supabase/functions/_shared/http/endpoint.ts";
import { bearing, signedIn } from "../support/clerk/requests.ts";
import { readError } from "./answers.ts";
import { createHandlers } from "./handlers.ts";
import { createLogRecorder } from "./log_recorder.ts";

function preflight(requested: Readonly<Record<string, string>> = {}): Request {
  return new Request("http://localhost/function", {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example.com",
      "access-control-request-method": "POST",
      ...requested,
    },
  });
}

function hasCors(response: Response): boolean {
  return Object.entries(corsHeaders)
    .every(([name, value]) => response.headers.get(name) === value);
}

for (const name of ["usersSync", "usersMe"] as const) {
  Deno.test(`${name} allows the headers of supabase-js if a preflight asks for none`, async () => {
    const response = await createHandlers()[name](preflight());
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
    assert.ok(hasCors(response));
    assert.ok(response.headers.get("x-request-id"));
  });

  Deno.test(`${name} lets browsers read its answers and errors`, async () => {
    const handler = createHandlers()[name];
    const success = await handler(await signedIn());
    const error = await handler(bearing());
    const refused = await handler(await signedIn({}, { method: "DELETE" }));
    for (const response of [success, error, refused]) {
      assert.ok(hasCors(response));
      const exposed = response.headers.get("access-control-expose-headers") ?? "";
      assert.deepEqual(exposed.split(", "), ["x-request-id", "retry-after"]);
    }
    assert.deepEqual([success.ok, error.status, refused.status], [true, 401, 405]);
  });
}

const allowHeaders = "access-control-allow-headers";
const requestHeaders = "access-control-request-headers";

const wishes = [
  "authorization,apikey,content-type,x-client-info,x-region",
  "authorization, baggage, sentry-trace",
  "x-request-id",
  "X-Made_Up.tomorrow!#$%&'*+^`|~",
  Array.from({ length: 64 }, (_, index) => `x-header-${index}`).join(),
];

for (const wish of wishes) {
  Deno.test(`a preflight gets the headers that it asks for: ${wish.slice(0, 60)}`, async () => {
    for (const name of ["usersSync", "usersMe"] as const) {
      const response = await createHandlers()[name](preflight({ [requestHeaders]: wish }));
      assert.equal(response.status, 204);
      const allowed = response.headers.get(allowHeaders)?.split(", ");
      assert.deepEqual(allowed, wish.split(",").map((header) => header.trim()));
      assert.equal(response.headers.get("access-control-allow-origin"), "*");
      const vary = response.headers.get("vary")?.toLowerCase().split(", ") ?? [];
      assert.ok(vary.includes(requestHeaders), `${vary}`);
    }
  });
}

const unfitWishes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "names nothing": { [requestHeaders]: "" },
  "has an empty name": { [requestHeaders]: "apikey,,x-region" },
  "ends in a comma": { [requestHeaders]: "apikey," },
  "has a name with a space": { [requestHeaders]: "x region" },
  "has a name with a colon": { [requestHeaders]: "x-region: canary" },
  "has a name in quotes": { [requestHeaders]: '"x-region"' },
  "has a name that is not ASCII": { [requestHeaders]: "x-r\u00e9gion" },
  "has markup": { [requestHeaders]: "<canary>" },
  "has too many names": {
    [requestHeaders]: Array.from({ length: 65 }, (_, index) => `x-header-${index}`).join(),
  },
  "is too long": { [requestHeaders]: `x-${"x".repeat(2048)}` },
  "has no method": { [requestHeaders]: "x-region", "access-control-request-method": "" },
  "has an invalid method": {
    [requestHeaders]: "x-region",
    "access-control-request-method": "PO ST",
  },
};

for (const [what, requested] of Object.entries(unfitWishes)) {
  Deno.test(`a preflight that ${what} gets the usual headers`, async () => {
    const response = await createHandlers().usersMe(preflight(requested));
    assert.equal(response.status, 204);
    assert.ok(hasCors(response));
    assert.ok(!JSON.stringify([...response.headers]).includes("canary"));
    assert.ok(response.headers.get("vary"));
  });
}

Deno.test("an OPTIONS request that is not a preflight gets the usual headers", async () => {
  const request = new Request("http://localhost/function", {
    method: "OPTIONS",
    headers: { [requestHeaders]: "x-region" },
  });
  assert.ok(hasCors(await createHandlers().usersMe(request)));
});

Deno.test("clerk-webhook answers no preflight and sends no CORS headers", async () => {
  const { clerkWebhook } = createHandlers();
  const refused = await clerkWebhook(preflight());
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "POST");
  const unsigned = await clerkWebhook(bearing());
  for (const response of [refused, unsigned]) {
    const cors = [...response.headers.keys()].filter((name) => name.startsWith("access-control"));
    assert.deepEqual(cors, []);
  }
});

Deno.test("a success is JSON with its status, request id and one log line", async () => {
  const { log, entries } = createLogRecorder();
  const handler = createEndpoint(
    { methods: ["POST"], browsers: false },
    log,
    () => Promise.resolve(succeed({ status: 202, body: { done: true }, note: { outcome: "x" } })),
  );
  const response = await handler(bearing(undefined, { headers: { "x-request-id": "abcdefgh" } }));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-request-id"), "abcdefgh");
  assert.deepEqual(await response.json(), { done: true });
  assert.equal(entries.length, 1);
  const ms = entries[0]?.fields["ms"];
  assert.ok(typeof ms === "number" && ms >= 0);
  assert.deepEqual(entries, [{
    level: "info",
    message: "request",
    fields: { request_id: "abcdefgh", method: "POST", status: 202, ms, outcome: "x" },
  }]);
});

Deno.test("a failure's own message, hint and delay take precedence over its code's", async () => {
  const { log, entries } = createLogRecorder();
  const failure = fail("clerk_rate_limited", {
    message: "Slow down",
    hint: "Later",
    retryAfter: 3,
    reason: "only for the log",
  });
  const handler = createEndpoint(
    { methods: ["POST"], browsers: false },
    log,
    () => Promise.resolve(failure),
  );
  const response = await handler(bearing());
  const error = await readError(response);
  assert.deepEqual(
    [response.status, response.headers.get("retry-after"), error.message, error.hint],
    [503, "3", "Slow down", "Later"],
  );
  assert.deepEqual(
    [entries[0]?.level, entries[0]?.fields["error"], entries[0]?.fields["reason"]],
    ["error", "Slow down", "only for the log"],
  );
});

Deno.test("a request with a refused method never reaches the handler", async () => {
  let handled = 0;
  const handler = createEndpoint({ methods: ["POST"], browsers: true }, () => {}, () => {
    handled++;
    return Promise.resolve(succeed({ status: 200, body: {} }));
  });
  assert.equal((await handler(bearing(undefined, { method: "GET" }))).status, 405);
  assert.equal((await handler(preflight())).status, 204);
  assert.equal(handled, 0);
});

Deno.test("any exception becomes internal_error without details", async () => {
  for (const thrown of [new TypeError("canary"), "canary", { message: "canary" }, undefined]) {
    const { log, entries } = createLogRecorder();
    const handler = createEndpoint(
      { methods: ["POST"], browsers: false },
      log,
      () => Promise.reject(thrown),
    );
    const response = await handler(bearing());
    assert.equal(response.status, 500);
    const error = await readError(response);
    assert.deepEqual([error.code, error.message], ["internal_error", "Internal error"]);
    assert.ok(!JSON.stringify([error, entries]).includes("canary"));
    assert.equal(entries[0]?.level, "error");
  }
});
