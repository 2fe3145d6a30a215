import fc from "fast-check";
import assert from "node:assert/strict";
import type { FindKey } from "../../supabase/functions/_shared/clerk/keys.ts";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createSessionVerifier } from "../../supabase/functions/_shared/session/session.ts";
import { bearing } from "../support/clerk/requests.ts";
import {
  base64Url,
  createSigningKey,
  sessionToken,
  type TokenChanges,
  unsignedToken,
} from "../support/clerk/session_tokens.ts";

const key = await createSigningKey("ins_key_1");
const stranger = await createSigningKey("ins_key_1");

const findKey: FindKey = (kid) => Promise.resolve(succeed(kid === key.kid ? key.jwk : undefined));
const verifySession = createSessionVerifier({ findKey, authorizedParties: undefined });

/** The user that the verifier found, or the failure's code and reason. */
async function verdictOf(authorization?: string, verify = verifySession): Promise<string> {
  const session = await verify(bearing(authorization));
  if (session.ok) return session.value.userId;
  const { code, reason } = session.failure;
  return reason === undefined ? code : `${code}: ${reason}`;
}

const now = () => Math.floor(Date.now() / 1000);
const token = await sessionToken(key);

for (const scheme of ["Bearer ", "bearer ", "BEARER ", "Bearer    ", "  Bearer "]) {
  Deno.test(`a token after ${JSON.stringify(scheme)} is accepted`, async () => {
    assert.equal(await verdictOf(`${scheme}${token}  `), "user_ada");
  });
}

Deno.test("a token within the clock tolerance is accepted", async () => {
  const early = { nbf: now() + 2, iat: now() + 2 };
  assert.equal(await verdictOf(`Bearer ${await sessionToken(key, { claims: early })}`), "user_ada");
  const late = { exp: now() - 2 };
  assert.equal(await verdictOf(`Bearer ${await sessionToken(key, { claims: late })}`), "user_ada");
});

Deno.test("a session without a status, as in version 1 tokens, is not pending", async () => {
  const old = await sessionToken(key, { claims: { sts: undefined, v: undefined } });
  assert.equal(await verdictOf(`Bearer ${old}`), "user_ada");
});

for (const authorization of [undefined, "", "   "]) {
  Deno.test(`an Authorization header of ${JSON.stringify(authorization)} counts as missing`, async () => {
    assert.equal(await verdictOf(authorization), "missing_token");
  });
}

const [head = "", claims = "", signature = ""] = token.split(".");

/** Another user's claims under the genuine signature. */
function swappedClaims(): string {
  const [, other = ""] = unsignedToken(key.kid, { claims: { sub: "user_grace" } }).split(".");
  return [head, other, signature].join(".");
}

/** A token signed with the public key as if it were a shared secret. */
async function confusedToken(): Promise<string> {
  const unsigned = unsignedToken(key.kid, { header: { alg: "HS256" } });
  const bytes = new TextEncoder();
  const secret = await crypto.subtle.importKey(
    "raw",
    bytes.encode(key.pem),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signed = await crypto.subtle.sign("HMAC", secret, bytes.encode(unsigned));
  return `${unsigned}.${base64Url(new Uint8Array(signed))}`;
}

const badTokens: Readonly<Record<string, readonly [string, string]>> = {
  "another scheme": ["Basic dXNlcjpwYXNzd29yZA==", "not a bearer token"],
  "only a scheme": ["Bearer", "not a bearer token"],
  "a token without a scheme": [token, "not a bearer token"],
  "a tab after the scheme": [`Bearer\t${token}`, "not a bearer token"],
  "two tokens": [`Bearer ${token} ${token}`, "not a bearer token"],
  "two credentials": [`Bearer ${token}, Bearer ${token}`, "not a bearer token"],
  "a quoted token": [`Bearer "${token}"`, "not a bearer token"],
  "garbage": ["Bearer garbage", "not a session token"],
  "empty parts": ["Bearer ..", "not a session token"],
  "parts that are not JSON": ["Bearer AAAA.AAAA.AAAA", "not a session token"],
  "a header of null": ["Bearer bnVsbA.bnVsbA.AAAA", "not a session token"],
  "a token cut off after its claims": [`Bearer ${head}.${claims}`, "not a session token"],
  "a token without its signature": [`Bearer ${head}.${claims}.`, "token-invalid-signature"],
  "a token cut off in its signature": [
    `Bearer ${head}.${claims}.${signature.slice(0, 100)}`,
    "token-invalid-signature",
  ],
  "other claims under a genuine signature": [
    `Bearer ${swappedClaims()}`,
    "token-invalid-signature",
  ],
  "alg none without a signature": [
    `Bearer ${unsignedToken(key.kid, { header: { alg: "none" } })}.`,
    "token-invalid-algorithm",
  ],
  "alg none with a genuine token's signature": [
    `Bearer ${unsignedToken(key.kid, { header: { alg: "none" } })}.${signature}`,
    "token-invalid-algorithm",
  ],
  "HS256 with the public key as the secret": [
    `Bearer ${await confusedToken()}`,
    "token-invalid-algorithm",
  ],
  "another algorithm than the key's": [
    `Bearer ${await sessionToken(key, { header: { alg: "RS512" } })}`,
    "token-verification-failed",
  ],
  "another key under the same id": [
    `Bearer ${await sessionToken(stranger)}`,
    "token-invalid-signature",
  ],
  "an unknown key id": [
    `Bearer ${await sessionToken(key, { header: { kid: "ins_other" } })}`,
    "unknown key",
  ],
};

for (const [what, [authorization, reason]] of Object.entries(badTokens)) {
  Deno.test(`${what} is an invalid token`, async () => {
    assert.equal(await verdictOf(authorization), `invalid_token: ${reason}`);
  });
}

const badHeaders = {
  "no key id": { kid: undefined },
  "an empty key id": { kid: "" },
  "a key id that is not text": { kid: 1 },
  "a key id that is too long": { kid: "k".repeat(257) },
  "a critical header": { crit: ["exp2"], exp2: 1 },
  "an empty list of critical headers": { crit: [] },
};

for (const [what, header] of Object.entries(badHeaders)) {
  Deno.test(`a token with ${what} is invalid before any key is looked up`, async () => {
    let looked = 0;
    const verify = createSessionVerifier({
      findKey: () => {
        looked++;
        return Promise.resolve(succeed(key.jwk));
      },
      authorizedParties: undefined,
    });
    const signed = await sessionToken(key, { header });
    assert.equal(await verdictOf(`Bearer ${signed}`, verify), "invalid_token: not a session token");
    assert.equal(looked, 0);
  });
}

const badClaims: Readonly<Record<string, readonly [Record<string, unknown>, string]>> = {
  "is expired": [{ exp: now() - 60 }, "token-expired"],
  "has no expiry": [{ exp: undefined }, "claims"],
  "has an expiry that is not a number": [{ exp: "2099-01-01" }, "claims"],
  "is not yet valid": [{ nbf: now() + 3600 }, "token-not-active-yet"],
  "was issued in the future": [{ iat: now() + 3600 }, "token-iat-in-the-future"],
  "has no subject": [{ sub: undefined }, "claims"],
  "has a subject of null": [{ sub: null }, "claims"],
  "has a subject that is not text": [{ sub: { id: "user_ada" } }, "claims"],
  "has an empty subject": [{ sub: "" }, "claims"],
  "has a status that is not text": [{ sts: 1 }, "claims"],
  "has an expiry that no date can hold": [{ exp: 8_640_000_000_001 }, "claims"],
  "has an expiry long before any date": [{ exp: -1e300 }, "claims"],
  "has a start of validity that no date can hold": [{ nbf: 1e300 }, "claims"],
  "has a time of issue that no date can hold": [{ iat: 1e300 }, "claims"],
  "has a path as its subject": [{ sub: "user_ada/../user_grace" }, "claims"],
  "has a NUL in its subject": [{ sub: "user_ada\0" }, "claims"],
  "has a machine as its subject": [{ sub: "mch_ada" }, "machine token"],
  "has a subject that is too long": [{ sub: `user_${"a".repeat(60)}` }, "claims"],
};

for (const [what, [changes, reason]] of Object.entries(badClaims)) {
  Deno.test(`a genuine token that ${what} is invalid`, async () => {
    const signed = await sessionToken(key, { claims: changes });
    assert.equal(await verdictOf(`Bearer ${signed}`), `invalid_token: ${reason}`);
  });
}

Deno.test("what no key can make good is refused even if no key can be had", async () => {
  const outage = createSessionVerifier({
    findKey: () => Promise.resolve(fail("clerk_unavailable")),
    authorizedParties: ["https://app.example.com"],
    issuer: "https://clerk.example.com",
  });
  assert.equal(await verdictOf(`Bearer ${token}`, outage), "clerk_unavailable");
  const plain: readonly (readonly [TokenChanges, string])[] = [
    ...Object.values(badClaims).map(([claims, reason]) => [{ claims }, reason] as const),
    [{ claims: { exp: now() - 7 } }, "token-expired"],
    [{ claims: { nbf: now() + 7 } }, "token-not-active-yet"],
    [{ claims: { iat: now() + 7 } }, "token-iat-in-the-future"],
    [{ claims: { azp: "https://evil.example.com" } }, "token-invalid-authorized-parties"],
    [{ claims: { azp: undefined } }, "no authorized party"],
    [{ claims: { iss: "https://evil.example.com" } }, "token-invalid-issuer"],
    [{ header: { alg: "none" } }, "token-invalid-algorithm"],
    [{ header: { alg: "HS256" } }, "token-invalid-algorithm"],
    [{ header: { alg: undefined } }, "token-invalid-algorithm"],
    [{ header: { typ: "at+jwt" } }, "token-invalid"],
  ];
  for (const [changes, reason] of plain) {
    const signed = await sessionToken(key, changes);
    assert.equal(await verdictOf(`Bearer ${signed}`, outage), `invalid_token: ${reason}`);
  }
  // Only verification can tell the rest, and the clocks may differ.
  const unclear: readonly TokenChanges[] = [
    { claims: { exp: now() - 3 } },
    { claims: { nbf: now() + 3, iat: now() + 3 } },
    { claims: { nbf: undefined, iat: undefined } },
    { claims: { sts: "pending" } },
    { header: { typ: undefined } },
    { header: { kid: "ins_other" } },
  ];
  for (const changes of unclear) {
    const signed = await sessionToken(key, changes);
    assert.equal(await verdictOf(`Bearer ${signed}`, outage), "clerk_unavailable");
  }
});

for (const cat of [undefined, "cl_B7d4PD111AAA", "cl_I7d4PD111III"]) {
  Deno.test(`a token of the category ${cat} is a session token`, async () => {
    const signed = await sessionToken(key, { header: { cat } });
    assert.equal(await verdictOf(`Bearer ${signed}`), "user_ada");
  });
}

/** Tokens signed by the instance's key that are not session tokens, and the reason in the log. */
const otherKinds: Readonly<Record<string, readonly [TokenChanges, string]>> = {
  "of a template": [
    {
      header: { cat: "cl_B7d4PD222AAA" },
      claims: { sid: undefined, sts: undefined, exp: now() + 315_360_000 },
    },
    "template token",
  ],
  "of a template, with the claims of a session": [
    { header: { cat: "cl_B7d4PD222AAA" } },
    "template token",
  ],
  "of a template, without a category": [
    { header: { cat: undefined }, claims: { sid: undefined, sts: undefined } },
    "no session id",
  ],
  "without a session id": [{ claims: { sid: undefined } }, "no session id"],
  "with an empty session id": [{ claims: { sid: "" } }, "no session id"],
  "with a session id of null": [{ claims: { sid: null } }, "no session id"],
  "with a session id that is not text": [{ claims: { sid: ["sess_1"] } }, "no session id"],
  "of a machine": [{ header: { cat: "cl_B7d4PD333AAA" } }, "machine token"],
  "of a machine, by its subject": [
    { header: { cat: undefined }, claims: { sub: "mch_1", sid: undefined } },
    "machine token",
  ],
  "of an unknown category": [{ header: { cat: "cl_B7d4PD444AAA" } }, "other category"],
  "of a category in capitals": [{ header: { cat: "CL_B7D4PD111AAA" } }, "other category"],
  "with an empty category": [{ header: { cat: "" } }, "other category"],
  "with a category of null": [{ header: { cat: null } }, "other category"],
  "with a category in a list": [{ header: { cat: ["cl_B7d4PD111AAA"] } }, "other category"],
};

for (const [what, [changes, reason]] of Object.entries(otherKinds)) {
  Deno.test(`a token ${what} is invalid, and no key is fetched for it`, async () => {
    const unasked = createSessionVerifier({
      findKey: () => Promise.reject(new Error("A key was looked up")),
      authorizedParties: ["https://other.example.com"],
      issuer: "https://other.example.com",
    });
    const pending = { ...changes, claims: { sts: "pending", exp: now() - 60, ...changes.claims } };
    for (const token of [await sessionToken(key, changes), await sessionToken(key, pending)]) {
      const session = await unasked(bearing(`Bearer ${token}`));
      assert.ok(!session.ok);
      assert.deepEqual([session.failure.code, session.failure.reason], ["invalid_token", reason]);
      assert.match(session.failure.hint ?? "", /getToken\(\) without a template/);
    }
  });
}

for (const prefix of ["mt_", "oat_", "ak_"]) {
  Deno.test(`an opaque token ${prefix}… is a machine token`, async () => {
    assert.equal(await verdictOf(`Bearer ${prefix}canary`), "invalid_token: machine token");
  });
}

Deno.test("a session with pending tasks is distinguished from an invalid token", async () => {
  const pending = await sessionToken(key, { claims: { sts: "pending" } });
  assert.equal(await verdictOf(`Bearer ${pending}`), "session_pending");
  const forged = await sessionToken(stranger, { claims: { sts: "pending" } });
  assert.equal(await verdictOf(`Bearer ${forged}`), "invalid_token: token-invalid-signature");
});

Deno.test("only authorized parties' tokens are accepted if any are configured", async () => {
  const authorizedParties = ["https://app.example.com", "http://localhost:3000"];
  const verify = createSessionVerifier({ findKey, authorizedParties });
  const verdictFor = async (azp: unknown) =>
    await verdictOf(`Bearer ${await sessionToken(key, { claims: { azp } })}`, verify);
  assert.equal(await verdictFor("https://app.example.com"), "user_ada");
  assert.equal(await verdictFor("http://localhost:3000"), "user_ada");
  for (const azp of ["https://evil.example.com", "app.example.com"]) {
    assert.equal(await verdictFor(azp), "invalid_token: token-invalid-authorized-parties");
  }
  for (const azp of [undefined, null, "", 1]) {
    assert.equal(await verdictFor(azp), "invalid_token: no authorized party");
  }
});

Deno.test("an oversized token is refused before any work is done", async () => {
  let looked = 0;
  const verify = createSessionVerifier({
    findKey: () => {
      looked++;
      return Promise.resolve(succeed(key.jwk));
    },
    authorizedParties: undefined,
  });
  const sized = async (size: number) =>
    `Bearer ${await sessionToken(key, { claims: { org: "x".repeat(size) } })}`;
  assert.equal(await verdictOf(await sized(16_384), verify), "invalid_token: not a bearer token");
  assert.equal(looked, 0);
  assert.equal(await verdictOf(await sized(10_000), verify), "user_ada");
});

for (const code of ["clerk_unavailable", "server_misconfigured"] as const) {
  Deno.test(`${code} from the key source is passed on and never called an invalid token`, async () => {
    const failure = fail(code, { message: "the key source's own", retryAfter: 2 });
    const verify = createSessionVerifier({
      findKey: () => Promise.resolve(failure),
      authorizedParties: undefined,
    });
    assert.deepEqual(await verify(bearing(`Bearer ${token}`)), failure);
  });
}

Deno.test("the verifier never throws and lets nobody in, whatever the header contains", async () => {
  const part = fc.oneof(
    fc.json().map((json) => base64Url(new TextEncoder().encode(json))),
    fc.constantFrom(head, claims, signature, ""),
    fc.string({ unit: fc.constantFrom(..."AZaz09-_") }),
  );
  const tokenLike = fc.array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(".")).filter((text) => text !== token);
  const headerText = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(toCharacter) });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(headerText, tokenLike.map((text) => `Bearer ${text}`)),
      async (authorization) => {
        const session = await verifySession(bearing(authorization));
        assert.ok(!session.ok);
        assert.match(session.failure.code, /^(missing|invalid)_token$/);
      },
    ),
    { seed: 2, numRuns: 1000 },
  );
});

function toCharacter(code: number): string {
  return String.fromCharCode(code);
}
