import assert from "node:assert/strict";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { createClerkUsers } from "../../supabase/functions/_shared/clerk/users.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { serveLoopback } from "../support/loopback_server.ts";

/** The user read from Clerk with this answer, and the requested paths. */
async function readFrom(answer: () => Response) {
  await using clerk = serveLoopback(answer);
  const api = createClerkApi({ secretKey: "sk_test_abc", apiUrl: clerk.url });
  const user = await createClerkUsers(api)("user_ada");
  return { user, paths: clerk.requests.map(({ path }) => path) };
}

Deno.test("createClerkUsers() reads the user once", async () => {
  const { user, paths } = await readFrom(() => Response.json(clerkUserJson()));
  assert.deepEqual(user, { ok: true, value: clerkUser.parse(clerkUserJson()) });
  assert.deepEqual(paths, ["/v1/users/user_ada"]);
});

Deno.test("a number too long for a double is kept digit for digit", async () => {
  const body = JSON.stringify(clerkUserJson({ public_metadata: { n: 0 } }))
    .replace('"n":0', '"n":1234567890123456789');
  const { user } = await readFrom(() => new Response(body));
  assert.ok(user.ok && user.value);
  assert.equal(JSON.stringify(user.value.public_metadata), '{"n":1234567890123456789}');
});

Deno.test("a user unknown to Clerk is null", async () => {
  const errors = [{ code: "resource_not_found" }];
  const { user } = await readFrom(() => Response.json({ errors }, { status: 404 }));
  assert.deepEqual(user, { ok: true, value: null });
});

const otherForm = "User is not as Clerk describes it";
const unusable = "Clerk's answer cannot be used";

/** Answers that cannot be used, and what the caller is told. */
const unreadable: Readonly<Record<string, readonly [() => Response, string]>> = {
  "null": [() => Response.json(null), otherForm],
  "an object of another kind": [
    () => Response.json({ id: "user_ada", object: "organization" }),
    otherForm,
  ],
  "another user": [() => Response.json(clerkUserJson({ id: "user_grace" })), unusable],
  "a user without times": [
    () => Response.json(clerkUserJson({ updated_at: null, first_name: "canary" })),
    otherForm,
  ],
  "a page": [() => new Response("<html>canary"), unusable],
};

for (const [what, [answer, message]] of Object.entries(unreadable)) {
  Deno.test(`${what} is clerk_unavailable, and nobody is told that Clerk was not reached`, async () => {
    const { user } = await readFrom(answer);
    assert.ok(!user.ok);
    assert.equal(user.failure.code, "clerk_unavailable");
    assert.equal(user.failure.message, message);
    assert.match(user.failure.reason ?? "", /^users: /);
    assert.ok(!/canary|grace/.test(JSON.stringify(user)));
  });
}
