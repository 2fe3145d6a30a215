import assert from "node:assert/strict";
import { succeed } from "../../supabase/functions/_shared/failure.ts";
import { createKnownTokens } from "../../supabase/functions/_shared/session/known_tokens.ts";
import { createSessionVerifier } from "../../supabase/functions/_shared/session/session.ts";
import { bearing } from "../support/clerk/requests.ts";
import {
  createSigningKey,
  sessionToken,
  type SigningKey,
} from "../support/clerk/session_tokens.ts";

const first = await createSigningKey("ins_key_1");
const replacement = await createSigningKey("ins_key_1");

/** A verifier whose instance has one key, which can be taken away or replaced. */
function createVerifier(keyAtFirst: SigningKey) {
  const instance: { key: JsonWebKey | undefined } = { key: keyAtFirst.jwk };
  const verify = createSessionVerifier({
    findKey: () => Promise.resolve(succeed(instance.key)),
    authorizedParties: undefined,
  });
  return {
    instance,
    async verdictOf(token: string): Promise<string> {
      const session = await verify(bearing(`Bearer ${token}`));
      return session.ok ? session.value.userId : session.failure.reason ?? session.failure.code;
    },
  };
}

/** How many signatures are verified while this runs. */
async function countVerifications(run: () => Promise<unknown>): Promise<number> {
  const { verify } = crypto.subtle;
  let count = 0;
  crypto.subtle.verify = (...args: Parameters<typeof verify>) => {
    count++;
    return verify.apply(crypto.subtle, args);
  };
  try {
    await run();
    return count;
  } finally {
    crypto.subtle.verify = verify;
  }
}

/** Runs at another time. */
async function later(milliseconds: number, run: () => Promise<void>): Promise<void> {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  try {
    await run();
  } finally {
    Date.now = now;
  }
}

Deno.test("a token that comes again is not verified again", async () => {
  const { verdictOf } = createVerifier(first);
  const token = await sessionToken(first);
  const count = await countVerifications(async () => {
    assert.equal(await verdictOf(token), "user_ada");
    assert.equal(await verdictOf(token), "user_ada");
  });
  assert.equal(count, 1);
});

Deno.test("a known token with another signature is invalid", async () => {
  const { verdictOf } = createVerifier(first);
  const token = await sessionToken(first);
  assert.equal(await verdictOf(token), "user_ada");
  const [head, claims] = token.split(".");
  const [, , forged] = (await sessionToken(replacement)).split(".");
  assert.equal(await verdictOf([head, claims, forged].join(".")), "token-invalid-signature");
});

Deno.test("a known token is invalid once its key is withdrawn", async () => {
  const { instance, verdictOf } = createVerifier(first);
  const token = await sessionToken(first);
  assert.equal(await verdictOf(token), "user_ada");
  instance.key = undefined;
  assert.equal(await verdictOf(token), "unknown key");
});

Deno.test("a known token is invalid once another key has the id of its own", async () => {
  const { instance, verdictOf } = createVerifier(first);
  const token = await sessionToken(first);
  assert.equal(await verdictOf(token), "user_ada");
  instance.key = replacement.jwk;
  assert.equal(await verdictOf(token), "token-invalid-signature");
});

Deno.test("a known token is invalid once it has expired", async () => {
  const { verdictOf } = createVerifier(first);
  const exp = Math.floor(Date.now() / 1000) + 60;
  const token = await sessionToken(first, { claims: { exp } });
  assert.equal(await verdictOf(token), "user_ada");
  await later(66_000, async () => assert.equal(await verdictOf(token), "token-expired"));
});

Deno.test("a known token is invalid if the clock is set back before its beginning", async () => {
  const { verdictOf } = createVerifier(first);
  const token = await sessionToken(first, { claims: { nbf: Math.floor(Date.now() / 1000) } });
  assert.equal(await verdictOf(token), "user_ada");
  await later(-60_000, async () => assert.equal(await verdictOf(token), "token-not-active-yet"));
});

Deno.test("a session with pending tasks is refused each time", async () => {
  const { verdictOf } = createVerifier(first);
  const token = await sessionToken(first, { claims: { sts: "pending" } });
  assert.equal(await verdictOf(token), "session_pending");
  assert.equal(await verdictOf(token), "session_pending");
});

Deno.test("a known token counts from its verification until its end, and not a moment longer", () => {
  const known = createKnownTokens();
  known.remember("a", knownToken());
  const isKnown = (now: number) => known.find("a", now) !== undefined;
  assert.deepEqual([999, 1000, 1999, 2000].map(isKnown), [false, true, true, false]);
});

Deno.test("1,000 tokens are remembered, and the one verified longest ago is forgotten", () => {
  const known = createKnownTokens();
  for (let index = 0; index < 1000; index++) known.remember(String(index), knownToken());
  known.remember("0", knownToken());
  known.remember("new", knownToken());
  const isKnown = (digest: string) => known.find(digest, 1500) !== undefined;
  assert.deepEqual(["0", "1", "2", "999", "new"].map(isKnown), [true, false, true, true, true]);
});

function knownToken() {
  return { userId: "user_ada", keyId: "ins_key_1", key: "a key", verifiedAt: 1000, endsAt: 2000 };
}
