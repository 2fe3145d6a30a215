import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk_user.ts";
import { createClerkUsers } from "../../supabase/functions/_shared/clerk_users.ts";
import { clerkUserJson } from "./clerk_user_json.ts";
import { deadAddress, serveLoopback } from "./loopback_server.ts";

const secretKey = "sk_test_abc";

/** What is read from a Clerk that answers in this way. */
async function readFrom(answer: () => Response) {
  await using clerk = serveLoopback(answer);
  return await createClerkUsers({ secretKey, apiUrl: clerk.url })("user_ada");
}

/** An error in Clerk's form. */
function clerkError(status: number, code: string, headers: HeadersInit = {}) {
  const errors = [{ code, message: "canary", long_message: "canary" }];
  return () => Response.json({ errors, clerk_trace_id: "trace" }, { status, headers });
}

Deno.test("createClerkUsers() reads the user once, with the secret key", async () => {
  await using clerk = serveLoopback(() => Response.json(clerkUserJson()));
  const read = createClerkUsers({ secretKey, apiUrl: clerk.url });
  assert.deepEqual(await read("user_ada"), { ok: true, value: clerkUser.parse(clerkUserJson()) });
  assert.deepEqual(
    clerk.requests.map(({ method, path, headers }) => [method, path, headers.get("authorization")]),
    [["GET", "/v1/users/user_ada", `Bearer ${secretKey}`]],
  );
});

Deno.test("a user whom Clerk does not know is clerk_user_not_found", async () => {
  assert.deepEqual(await readFrom(clerkError(404, "resource_not_found")), {
    ok: false,
    failure: { code: "clerk_user_not_found" },
  });
});

for (const [headers, retryAfter] of [[{ "retry-after": "7" }, 7], [{}, 1]] as const) {
  Deno.test(`HTTP 429 with ${JSON.stringify(headers)} asks for ${retryAfter} s`, async () => {
    assert.deepEqual(await readFrom(clerkError(429, "too_many_requests", headers)), {
      ok: false,
      failure: { code: "clerk_rate_limited", retryAfter },
    });
  });
}

for (const [status, code] of [[401, "clerk_key_invalid"], [403, "forbidden"]] as const) {
  Deno.test(`HTTP ${status} names CLERK_SECRET_KEY`, async () => {
    assert.deepEqual(await readFrom(clerkError(status, code)), {
      ok: false,
      failure: { code: "server_misconfigured", message: "CLERK_SECRET_KEY was refused by Clerk" },
    });
  });
}

const outages: Readonly<Record<string, () => Response>> = {
  "HTTP 500": clerkError(500, "internal_clerk_error"),
  "HTTP 503 without a body": () => new Response(null, { status: 503 }),
  "HTTP 404 from something that is not Clerk": () => new Response("not here", { status: 404 }),
  "HTTP 404 with another of Clerk's codes": clerkError(404, "host_invalid"),
  "HTTP 400": clerkError(400, "bad_request"),
  "no content": () => new Response(null, { status: 204 }),
  "a page instead of JSON": () =>
    new Response("<html>canary", { headers: { "content-type": "text/html" } }),
  "JSON that is broken": () =>
    new Response('{"object":"user"', { headers: { "content-type": "application/json" } }),
  "null": () => Response.json(null),
  "an object of another kind": () => Response.json({ id: "user_ada", object: "organization" }),
  "a user without times": () =>
    Response.json(clerkUserJson({ updated_at: undefined, first_name: "canary" })),
};

for (const [what, answer] of Object.entries(outages)) {
  Deno.test(`${what} is clerk_unavailable, with a reason that quotes nothing`, async () => {
    const user = await readFrom(answer);
    assert.ok(!user.ok);
    assert.equal(user.failure.code, "clerk_unavailable");
    assert.match(user.failure.reason ?? "", /^user: /);
    assert.ok(!JSON.stringify(user).includes("canary"));
  });
}

Deno.test("a Clerk that cannot be reached is clerk_unavailable", async () => {
  const user = await createClerkUsers({ secretKey, apiUrl: deadAddress() })("user_ada");
  assert.deepEqual(user, {
    ok: false,
    failure: { code: "clerk_unavailable", reason: "user: HTTP none" },
  });
});
