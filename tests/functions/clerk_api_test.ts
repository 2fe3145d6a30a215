import assert from "node:assert/strict";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { deadAddress, serveLoopback } from "../support/loopback_server.ts";

const secretKey = "sk_test_abc";
const now = Date.parse("2026-01-01T00:00:00Z");

type Answer = () => Response | Promise<Response>;

function apiAt(url: string) {
  return createClerkApi({ secretKey, apiUrl: url, now: () => now });
}

/** The results of both ways to ask, for one answer of Clerk's. */
async function askFor(answer: Answer) {
  await using clerk = serveLoopback(answer);
  const api = apiAt(clerk.url);
  return { read: await api.read("users"), found: await api.find("users/user_ada") };
}

/** An error in Clerk's form. */
function clerkError(status: number, code: string, headers: HeadersInit = {}): Answer {
  const errors = [{ code, message: "canary", long_message: "canary" }];
  return () => Response.json({ errors, clerk_trace_id: "trace" }, { status, headers });
}

Deno.test("createClerkApi() sends the secret key and the API version, and parses numbers exactly", async () => {
  await using clerk = serveLoopback(() => new Response('{"n":1234567890123456789}'));
  const api = apiAt(`${clerk.url}//`);
  const query = new URLSearchParams([["user_id", "user_a"], ["user_id", "user_b"]]);
  for (const result of [await api.read("users", query), await api.find("users/user_ada")]) {
    assert.ok(result.ok);
    assert.equal(JSON.stringify(result.value), '{"n":1234567890123456789}');
  }
  assert.deepEqual(
    clerk.requests.map(({ method, path, query }) => `${method} ${path}${query}`),
    ["GET /v1/users?user_id=user_a&user_id=user_b", "GET /v1/users/user_ada"],
  );
  for (const { headers } of clerk.requests) {
    assert.equal(headers.get("authorization"), `Bearer ${secretKey}`);
    assert.equal(headers.get("clerk-api-version"), "2026-05-12");
  }
});

Deno.test("Clerk's resource_not_found is an outage unless a single object was asked for", async () => {
  const { read, found } = await askFor(clerkError(404, "resource_not_found"));
  assert.deepEqual(found, { ok: true, value: undefined });
  assert.deepEqual(read, {
    ok: false,
    failure: { code: "clerk_unavailable", reason: "users: HTTP 404" },
  });
});

Deno.test("an instance without organizations has an empty list of them, and only then", async () => {
  const off = "organization_not_enabled_in_instance";
  const ask = async (status: number, code: string) => {
    await using clerk = serveLoopback(clerkError(status, code));
    return await apiAt(clerk.url).list("organizations", new URLSearchParams());
  };
  assert.deepEqual(await ask(403, off), { ok: true, value: { data: [], total_count: 0 } });
  for (const [status, code] of [[403, "authorization_invalid"], [500, off]] as const) {
    assert.equal((await ask(status, code)).ok, false);
  }
});

const waits = [
  ["7", 7],
  [" 7 ", 7],
  [undefined, 1],
  ["0", 1],
  ["-5", 1],
  ["soon", 1],
  ["86400", 60],
  ["9".repeat(400), 60],
  ["Thu, 01 Jan 2026 00:00:12 GMT", 12],
  ["Wed, 31 Dec 2025 23:59:00 GMT", 1],
  ["Fri, 02 Jan 2026 00:00:00 GMT", 60],
] as const;

for (const [header, retryAfter] of waits) {
  Deno.test(`HTTP 429 with Retry-After ${header} asks to wait for ${retryAfter} s`, async () => {
    const headers = new Headers(header === undefined ? [] : [["retry-after", header]]);
    const { read, found } = await askFor(clerkError(429, "too_many_requests", headers));
    assert.deepEqual(read, { ok: false, failure: { code: "clerk_rate_limited", retryAfter } });
    assert.deepEqual(found, read);
  });
}

for (const [status, code] of [[401, "clerk_key_invalid"], [403, "forbidden"]] as const) {
  Deno.test(`HTTP ${status} names CLERK_SECRET_KEY`, async () => {
    const { read, found } = await askFor(clerkError(status, code));
    assert.deepEqual(read, {
      ok: false,
      failure: { code: "server_misconfigured", message: "CLERK_SECRET_KEY was refused by Clerk" },
    });
    assert.deepEqual(found, read);
  });
}

const outages: Readonly<Record<string, Answer>> = {
  "HTTP 500": clerkError(500, "internal_clerk_error"),
  "HTTP 503 without a body": () => new Response(null, { status: 503 }),
  "HTTP 404 from another server": () => new Response("not here", { status: 404 }),
  "HTTP 404 with JSON of another form": () => Response.json({ error: "x" }, { status: 404 }),
  "HTTP 404 with another of Clerk's codes": clerkError(404, "host_invalid"),
  "HTTP 404 without a code": () => Response.json({ errors: [] }, { status: 404 }),
  "HTTP 401 with a page": () => new Response("<html>canary", { status: 401 }),
  "HTTP 403 with a page": () => new Response("<html>canary", { status: 403 }),
  "HTTP 403 without a body": () => new Response(null, { status: 403 }),
  "HTTP 403 with JSON of another form": () =>
    Response.json({ message: "Forbidden" }, { status: 403 }),
  "HTTP 401 without a code": () => Response.json({ errors: [] }, { status: 401 }),
  "HTTP 400": clerkError(400, "bad_request"),
  "HTTP 410 with resource_not_found": clerkError(410, "resource_not_found"),
  "HTTP 204": () => new Response(null, { status: 204 }),
  "a redirect": () => new Response(null, { status: 302, headers: { location: "/elsewhere" } }),
  "a page instead of JSON": () => new Response("<html>canary"),
  "broken JSON": () => new Response('{"object":"canary"'),
  "an empty body": () => new Response(""),
};

for (const [what, answer] of Object.entries(outages)) {
  Deno.test(`${what} is clerk_unavailable, with a reason that quotes nothing`, async () => {
    for (const result of Object.values(await askFor(answer))) {
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "clerk_unavailable");
      assert.match(result.failure.reason ?? "", /^users: [\w ]+$/);
    }
  });
}

Deno.test("an unreachable Clerk is clerk_unavailable", async () => {
  const read = await apiAt(deadAddress()).read("users");
  assert.deepEqual(read, {
    ok: false,
    failure: { code: "clerk_unavailable", reason: "users: TypeError" },
  });
});

Deno.test("a request without an answer is aborted after 5 s", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  let aborted: AbortSignal | undefined;
  const api = createClerkApi({
    secretKey,
    apiUrl: "http://clerk.localhost",
    fetch: (_input, init) => {
      aborted = init?.signal ?? undefined;
      aborted?.addEventListener("abort", () => resolve(Response.error()));
      return promise.then(() => Promise.reject(aborted?.reason));
    },
  });
  const started = performance.now();
  const read = await api.read("jwks");
  const took = performance.now() - started;
  assert.ok(took >= 4_900 && took < 10_000, `${took} ms`);
  assert.ok(aborted?.aborted);
  assert.deepEqual(read, {
    ok: false,
    failure: { code: "clerk_unavailable", reason: "jwks: TimeoutError" },
  });
});
