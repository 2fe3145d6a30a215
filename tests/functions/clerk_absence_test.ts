import assert from "node:assert/strict";
import { createAbsenceProof } from "../../supabase/functions/_shared/clerk/absence.ts";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { createClerkKeys } from "../../supabase/functions/_shared/clerk/keys.ts";
import { createSigningKey } from "../support/clerk/session_tokens.ts";

const key = await createSigningKey("ins_key_1");
const witness = { keyId: key.kid };

type Answer = (query: URLSearchParams) => Response | Promise<Response>;

const keySet: Answer = () => Response.json({ keys: [key.jwk] });
const notFound: Answer = () =>
  Response.json({ errors: [{ code: "resource_not_found" }] }, { status: 404 });

/** Clerk's list of the requested users who exist. */
function usersOf(known: readonly string[], most = 500): Answer {
  return (query) => {
    const ids = known.filter((id) => query.getAll("user_id").includes(id)).slice(0, most);
    return Response.json(ids.map((id) => ({ id, object: "user" })));
  };
}

/** A proof of absence, with these answers to the requests for lists and keys. */
function createProof(users: Answer, jwks: Answer = keySet) {
  const asked: URL[] = [];
  const api = createClerkApi({
    apiUrl: "http://clerk.localhost",
    secretKey: "sk_test_abc",
    fetch: async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return await (url.pathname === "/v1/users" ? users : jwks)(url.searchParams);
    },
  });
  const keys = createClerkKeys(api);
  return { prove: createAbsenceProof(api, keys.readIds), keys, asked };
}

Deno.test("a user is absent if a list that asks for them does not show them and the key is the instance's", async () => {
  const { prove, asked } = createProof(usersOf([]));
  assert.deepEqual(await prove(["user_ada"], witness), { ok: true, value: new Set(["user_ada"]) });
  assert.deepEqual(asked.map(({ pathname, search }) => pathname + search).toSorted(), [
    "/v1/jwks",
    "/v1/users?user_id=user_ada&limit=1",
  ]);
});

Deno.test("a user is not absent if the list shows them", async () => {
  const { prove } = createProof(usersOf(["user_ada"]));
  assert.deepEqual(await prove(["user_ada"], witness), { ok: true, value: new Set() });
});

Deno.test("the keys are fetched again even if they are cached", async () => {
  let answer = keySet;
  const { prove, keys } = createProof(usersOf([]), (query) => answer(query));
  await keys.find(key.kid);
  answer = () => Response.json({ keys: [] });
  const proven = await prove(["user_ada"], witness);
  assert.equal(!proven.ok && proven.failure.code, "clerk_unavailable");
});

Deno.test("a key of another instance proves nothing, and the hint says why", async () => {
  const { prove } = createProof(usersOf([]));
  const proven = await prove(["user_ada"], { keyId: "ins_key_of_another" });
  assert.ok(!proven.ok);
  assert.deepEqual([proven.failure.code, proven.failure.hint], [
    "clerk_unavailable",
    "CLERK_JWT_KEY or CLERK_SECRET_KEY may belong to another Clerk instance",
  ]);
});

const limited: Answer = () => new Response("{}", { status: 429, headers: { "retry-after": "7" } });
const refusedKey: Answer = () =>
  Response.json({ errors: [{ code: "clerk_key_invalid" }] }, { status: 401 });
const doubts: Readonly<Record<string, readonly [Answer, string]>> = {
  "404": [notFound, "clerk_unavailable"],
  "500": [() => new Response("{}", { status: 500 }), "clerk_unavailable"],
  "429": [limited, "clerk_rate_limited"],
  "401": [refusedKey, "server_misconfigured"],
  "403 from a firewall": [() => new Response("{}", { status: 403 }), "clerk_unavailable"],
  "a page": [() => new Response("<html>"), "clerk_unavailable"],
  "an object": [() => Response.json({ data: [], total_count: 0 }), "clerk_unavailable"],
  "null": [() => Response.json(null), "clerk_unavailable"],
  "no connection": [() => Promise.reject(new TypeError("failed")), "clerk_unavailable"],
};

for (const [what, [answer, code]] of Object.entries(doubts)) {
  for (const part of ["list", "keys"] as const) {
    Deno.test(`${what} instead of the ${part} proves nothing: ${code}`, async () => {
      const { prove } = part === "list" ? createProof(answer) : createProof(usersOf([]), answer);
      const proven = await prove(["user_ada"], witness);
      assert.equal(!proven.ok && proven.failure.code, code);
    });
  }
}

Deno.test("a list of other users, or of no users, proves nothing", async () => {
  const lists: unknown[] = [[{ id: "user_grace" }], [{}], ["user_grace"]];
  for (const list of lists) {
    const { prove } = createProof(() => Response.json(list));
    const proven = await prove(["user_ada"], witness);
    assert.equal(!proven.ok && proven.failure.code, "clerk_unavailable");
  }
});

/** With a witness, the most users that one request can ask for. */
const many = Array.from({ length: 99 }, (_, index) => `user_${index}`);

Deno.test("one request with a user who must be found can prove 99 others absent", async () => {
  const { prove, asked } = createProof(usersOf(["user_control"]));
  const proven = await prove(many, { userId: "user_control" });
  assert.deepEqual(proven, { ok: true, value: new Set(many) });
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.searchParams.get("limit"), "100");
});

Deno.test("an answer without the user who must be found proves nothing", async () => {
  const { prove } = createProof(usersOf([]));
  const proven = await prove(many, { userId: "user_control" });
  assert.equal(!proven.ok && proven.failure.code, "clerk_unavailable");
});

Deno.test("a truncated answer proves nobody absent who exists", async () => {
  const known = ["user_control", ...many.filter((_, index) => index % 2)];
  const { prove } = createProof(usersOf(known, 10));
  assert.deepEqual(await prove(many, { userId: "user_control" }), {
    ok: true,
    value: new Set(many.filter((_, index) => index % 2 === 0)),
  });
});
