import assert from "node:assert/strict";
import { createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import { createClerkKeys, createFindKey } from "../../supabase/functions/_shared/clerk/keys.ts";
import { createSessionVerifier } from "../../supabase/functions/_shared/session/session.ts";
import { bearing } from "../support/clerk/requests.ts";
import { createSigningKey, sessionToken } from "../support/clerk/session_tokens.ts";

const first = await createSigningKey("ins_key_1");
const second = await createSigningKey("ins_key_2");

type Answer = () => Response | Promise<Response>;

function keySet(...keys: readonly unknown[]): Answer {
  return () => Response.json({ keys });
}

function status(code: number): Answer {
  return () => new Response("{}", { status: code });
}

/** The keys, with `clerk.answer` as the endpoint's answer and `clerk.now` as the time. */
function createKeys(answer: Answer) {
  const clerk = { answer, now: 1_700_000_000_000, requests: [] as Request[] };
  const now = () => clerk.now;
  const api = createClerkApi({
    apiUrl: "http://clerk.localhost:54324",
    secretKey: "sk_test_abc",
    fetch: async (input, init) => {
      clerk.requests.push(new Request(input instanceof Request ? input : String(input), init));
      return await clerk.answer();
    },
    now,
  });
  const { find: findKey, readIds } = createClerkKeys(api, now);
  /** The found key's id, "none", or the failure's code. */
  const find = async (kid: string): Promise<string> => {
    const found = await findKey(kid);
    if (!found.ok) return found.failure.code;
    return typeof found.value === "object" ? kidOf(found.value) : "none";
  };
  return { clerk, find, findKey, readIds };
}

function kidOf(key: JsonWebKey): string {
  return "kid" in key ? String(key.kid) : "without id";
}

Deno.test("CLERK_JWT_KEY is the key for every token", async () => {
  const findKey = createFindKey({ pem: first.pem });
  assert.deepEqual(await findKey("any"), { ok: true, value: first.pem });
});

Deno.test("the keys are fetched from the Backend API with the secret key", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  assert.equal(await find("ins_key_1"), "ins_key_1");
  const [request] = clerk.requests;
  assert.equal(request?.url, "http://clerk.localhost:54324/v1/jwks");
  assert.equal(request?.method, "GET");
  assert.equal(request?.headers.get("authorization"), "Bearer sk_test_abc");
  assert.equal(request?.redirect, "error");
});

Deno.test("a fetched key verifies the instance's tokens", async () => {
  const { findKey } = createKeys(keySet(first.jwk, second.jwk));
  const verify = createSessionVerifier({ findKey, authorizedParties: undefined });
  for (const key of [first, second]) {
    const session = await verify(bearing(`Bearer ${await sessionToken(key)}`));
    assert.deepEqual(session, { ok: true, value: { userId: "user_ada", keyId: key.kid } });
  }
});

Deno.test("keys are cached for five minutes and then fetched again", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.now += 5 * 60_000 - 1;
  await find("ins_key_1");
  assert.equal(clerk.requests.length, 1);
  clerk.now += 1;
  assert.equal(await find("ins_key_1"), "ins_key_1");
  assert.equal(clerk.requests.length, 2);
});

Deno.test("a key withdrawn by Clerk is no longer found once the cache is old", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.answer = keySet(second.jwk);
  clerk.now += 5 * 60_000;
  assert.equal(await find("ins_key_1"), "none");
});

Deno.test("many requests at once share one fetch", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { clerk, find } = createKeys(() => promise);
  const found = Promise.all(Array.from({ length: 100 }, () => find("ins_key_1")));
  resolve(Response.json({ keys: [first.jwk] }));
  assert.deepEqual(new Set(await found), new Set(["ins_key_1"]));
  assert.equal(clerk.requests.length, 1);
});

Deno.test("a failed shared fetch does not stop the next", async () => {
  const { promise, reject } = Promise.withResolvers<Response>();
  const { clerk, find } = createKeys(() => promise);
  const found = Promise.all([find("ins_key_1"), find("ins_key_1")]);
  reject(new TypeError("fetch failed"));
  assert.deepEqual(await found, ["clerk_unavailable", "clerk_unavailable"]);
  clerk.answer = keySet(first.jwk);
  clerk.now += 1_000;
  assert.equal(await find("ins_key_1"), "ins_key_1");
});

Deno.test("a rotated key is found at the first token that names it", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.answer = keySet(first.jwk, second.jwk);
  clerk.now += 10_000;
  assert.equal(await find("ins_key_2"), "ins_key_2");
  assert.equal(await find("ins_key_1"), "ins_key_1");
  assert.equal(clerk.requests.length, 2);
});

Deno.test("a thousand made-up key ids at once cause one fetch", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.now += 10_000;
  const ids = Array.from({ length: 1_000 }, (_, index) => `made_up_${index}`);
  const found = await Promise.all(ids.map(find));
  assert.deepEqual(new Set(found), new Set(["none"]));
  assert.equal(clerk.requests.length, 2);
});

Deno.test("a thousand made-up key ids in 100 s cause at most one fetch every 10 s", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  for (let index = 0; index < 1_000; index++) {
    clerk.now += 100;
    assert.equal(await find(`made_up_${index}`), "none");
    assert.equal(await find("ins_key_1"), "ins_key_1");
  }
  assert.ok(clerk.requests.length <= 11, `${clerk.requests.length} fetches`);
});

const outages: Readonly<Record<string, Answer>> = {
  "HTTP 500": status(500),
  "HTTP 503": status(503),
  "HTTP 404": status(404),
  "a body that is not JSON": () => new Response("<html>"),
  "an empty body": () => new Response(""),
  "JSON that is not a key set": () => Response.json({ error: "x" }),
  "keys that are not a list": () => Response.json({ keys: {} }),
  "null": () => Response.json(null),
  "a failed connection": () => Promise.reject(new TypeError("fetch failed")),
  "a timeout": () => Promise.reject(new DOMException("too late", "TimeoutError")),
};

for (const [what, answer] of Object.entries(outages)) {
  Deno.test(`${what} instead of keys is clerk_unavailable, and known keys keep working`, async () => {
    const { clerk, find } = createKeys(answer);
    assert.equal(await find("ins_key_1"), "clerk_unavailable");
    clerk.answer = keySet(first.jwk);
    clerk.now += 1_000;
    assert.equal(await find("ins_key_1"), "ins_key_1");
    clerk.answer = answer;
    clerk.now += 60 * 60_000;
    assert.equal(await find("ins_key_1"), "ins_key_1");
    assert.equal(await find("ins_key_2"), "clerk_unavailable");
  });
}

Deno.test("a known key is returned within a second if Clerk does not answer", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  const { promise, resolve } = Promise.withResolvers<Response>();
  clerk.answer = () => promise;
  clerk.now += 5 * 60_000;
  const started = performance.now();
  assert.equal(await find("ins_key_1"), "ins_key_1");
  const heldUp = performance.now() - started;
  assert.ok(heldUp >= 990 && heldUp < 3_000, `${heldUp} ms`);
  clerk.now += 1_000;
  assert.equal(await find("ins_key_1"), "ins_key_1");
  assert.ok(performance.now() - started - heldUp < 500, "the second call does not wait again");
  assert.equal(clerk.requests.length, 2);
  // A late answer still counts.
  resolve(Response.json({ keys: [second.jwk] }));
  assert.equal(await find("ins_key_2"), "ins_key_2");
  assert.equal(await find("ins_key_1"), "none");
});

for (const code of [401, 403]) {
  Deno.test(`Clerk's HTTP ${code} instead of keys names CLERK_SECRET_KEY`, async () => {
    const errors = [{ code: "clerk_key_invalid" }];
    const { findKey } = createKeys(() => Response.json({ errors }, { status: code }));
    assert.deepEqual(await findKey("ins_key_1"), {
      ok: false,
      failure: {
        code: "server_misconfigured",
        message: "CLERK_SECRET_KEY was refused by Clerk",
      },
    });
  });
}

Deno.test("failed fetches without known keys are 1 s apart, then 2, 4, 8 and finally 10 s", async () => {
  const { clerk, find } = createKeys(status(500));
  const began = clerk.now;
  const fetchedAt: number[] = [];
  while (clerk.now - began < 50_000) {
    const before = clerk.requests.length;
    assert.equal(await find("ins_key_1"), "clerk_unavailable");
    if (clerk.requests.length > before) fetchedAt.push((clerk.now - began) / 1000);
    clerk.now += 100;
  }
  assert.deepEqual(fetchedAt, [0, 1, 3, 7, 15, 25, 35, 45]);
  clerk.answer = keySet(first.jwk);
  clerk.now = began + 55_000;
  assert.equal(await find("ins_key_1"), "ins_key_1");
});

for (const [what, answer] of [["fails", status(500)], ["limits the rate", status(429)]] as const) {
  Deno.test(`made-up key ids while Clerk ${what} cause one fetch every 10 s and are not called invalid`, async () => {
    const { clerk, find } = createKeys(keySet(first.jwk));
    await find("ins_key_1");
    clerk.answer = answer;
    clerk.now += 10_000;
    const code = what === "fails" ? "clerk_unavailable" : "clerk_rate_limited";
    for (let index = 0; index < 1_000; index++) {
      assert.equal(await find(`made_up_${index}`), code);
      assert.equal(await find("ins_key_1"), "ins_key_1");
      clerk.now += 100;
    }
    assert.equal(clerk.requests.length, 1 + 10);
  });
}

Deno.test("Clerk's Retry-After is respected, and the remaining time is passed on", async () => {
  const limited = () => new Response("{}", { status: 429, headers: { "retry-after": "30" } });
  const { clerk, find, findKey, readIds } = createKeys(limited);
  const waitFor = async (kid: string) => {
    const found = await findKey(kid);
    assert.ok(!found.ok);
    return [found.failure.code, found.failure.retryAfter];
  };
  assert.deepEqual(await waitFor("ins_key_1"), ["clerk_rate_limited", 30]);
  clerk.now += 12_500;
  assert.deepEqual(await waitFor("ins_key_2"), ["clerk_rate_limited", 18]);
  assert.ok(!(await readIds()).ok);
  clerk.now += 17_499;
  assert.deepEqual(await waitFor("ins_key_1"), ["clerk_rate_limited", 1]);
  assert.equal(clerk.requests.length, 1);
  clerk.answer = keySet(first.jwk);
  clerk.now += 1;
  assert.equal(await find("ins_key_1"), "ins_key_1");
});

Deno.test("known keys keep working while Clerk limits the rate", async () => {
  const { clerk, find } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.answer = status(429);
  clerk.now += 60 * 60_000;
  assert.equal(await find("ins_key_1"), "ins_key_1");
  assert.equal(await find("ins_key_2"), "clerk_rate_limited");
});

Deno.test("readIds() always asks Clerk again, even during another fetch, and sees changes", async () => {
  const { clerk, find, readIds } = createKeys(keySet(first.jwk));
  await find("ins_key_1");
  clerk.answer = keySet(second.jwk);
  const both = await Promise.all([readIds(), readIds()]);
  for (const ids of both) assert.deepEqual(ids, { ok: true, value: new Set(["ins_key_2"]) });
  assert.equal(clerk.requests.length, 3);
  assert.equal(await find("ins_key_1"), "none");
  assert.equal(await find("ins_key_2"), "ins_key_2");
  clerk.answer = status(500);
  const failed = await readIds();
  assert.equal(!failed.ok && failed.failure.code, "clerk_unavailable");
  assert.equal(await find("ins_key_2"), "ins_key_2");
});

Deno.test("keys that are not RSA are skipped, and the others are kept", async () => {
  const pair = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const elliptic = { ...await crypto.subtle.exportKey("jwk", pair.publicKey), kid: "elliptic" };
  const secret = { kty: "oct", kid: "secret", k: "c2VjcmV0", alg: "HS256" };
  const disguised = { ...first.jwk, kty: "EC", kid: "disguised" };
  const incomplete = { kty: "RSA", kid: "incomplete", e: "AQAB" };
  const { kid: _, ...nameless } = first.jwk;
  const { find } = createKeys(
    keySet(elliptic, secret, incomplete, disguised, nameless, null, first.jwk),
  );
  assert.equal(await find("elliptic"), "none");
  assert.equal(await find("secret"), "none");
  assert.equal(await find("incomplete"), "none");
  assert.equal(await find("disguised"), "none");
  assert.equal(await find("ins_key_1"), "ins_key_1");
});

Deno.test("a key set may omit a key's algorithm, but not change its use", async () => {
  const { alg: _, ...unnamed } = first.jwk;
  const { findKey } = createKeys(keySet(unnamed));
  const verify = createSessionVerifier({ findKey, authorizedParties: undefined });
  assert.ok((await verify(bearing(`Bearer ${await sessionToken(first)}`))).ok);
  const other = await sessionToken(first, { header: { alg: "RS384" } });
  const session = await verify(bearing(`Bearer ${other}`));
  assert.equal(!session.ok && session.failure.code, "invalid_token");
});
