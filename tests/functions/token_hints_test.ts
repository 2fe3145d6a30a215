import assert from "node:assert/strict";
import { createFindKey, type FindKey } from "../../supabase/functions/_shared/clerk/keys.ts";
import { succeed } from "../../supabase/functions/_shared/failure.ts";
import { createSessionVerifier } from "../../supabase/functions/_shared/session/session.ts";
import { hints } from "../../supabase/functions/_shared/session/token_refusal.ts";
import { createUsersMe } from "../../supabase/functions/users-me/handler.ts";
import { bearing } from "../support/clerk/requests.ts";
import {
  base64Url,
  createSigningKey,
  sessionToken,
  type TokenChanges,
} from "../support/clerk/session_tokens.ts";
import { readError } from "./answers.ts";
import { createLogRecorder } from "./log_recorder.ts";

const key = await createSigningKey("ins_key_1");
const stranger = await createSigningKey("ins_key_2");
const canary = "canary";
const now = Math.floor(Date.now() / 1000);

const findKey: FindKey = (kid) => Promise.resolve(succeed(kid === key.kid ? key.jwk : undefined));
const checks = {
  findKey,
  authorizedParties: ["https://app.example.com"],
  issuer: "https://clerk.example.com",
};

/** The error from users-me. The token must not get in. */
async function refusalOf(authorization: string, options = checks) {
  const { log } = createLogRecorder();
  const findUser = () => Promise.reject(new Error("The token got in"));
  const verifySession = createSessionVerifier(options);
  const usersMe = createUsersMe({ verifySession, findUser, log });
  const response = await usersMe(bearing(authorization));
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  return await readError(response);
}

const signed = async (changes: TokenChanges) => `Bearer ${await sessionToken(key, changes)}`;

/** A legacy anon key of Supabase: a JWT without a key id. */
const anonKey = ['{"alg":"HS256","typ":"JWT"}', '{"role":"anon"}', canary]
  .map((part) => base64Url(new TextEncoder().encode(part))).join(".");

/** The header that is sent, and what the hint must name. */
const causes: Readonly<Record<string, readonly [string, RegExp]>> = {
  "another scheme": [`Basic ${btoa(canary)}`, /Authorization: Bearer/],
  "a token without its scheme": [await sessionToken(key), /Authorization: Bearer/],
  "a Supabase key": [`Bearer sb_publishable_${canary}`, /Supabase key .* apikey header/],
  "a legacy Supabase key": [`Bearer ${anonKey}`, /Supabase key .* apikey header/],
  "a token of a template": [
    await signed({ header: { cat: "cl_B7d4PD222AAA" } }),
    /getToken\(\) without a template/,
  ],
  "a token without a session": [
    await signed({ claims: { sid: undefined } }),
    /without a template.*sid/,
  ],
  "a token of a machine": [await signed({ header: { cat: "cl_B7d4PD333AAA" } }), /machine/],
  "a machine's opaque token": [`Bearer mt_${canary}`, /machine/],
  "a Clerk API key": [`Bearer ak_${canary}`, /API key/],
  "a token of another instance": [
    `Bearer ${await sessionToken(stranger)}`,
    /one Clerk instance.*CLERK_SECRET_KEY or CLERK_JWT_KEY/,
  ],
  "an expired token": [await signed({ claims: { exp: now - 60 } }), /before each request/],
  "a token that is not valid yet": [await signed({ claims: { nbf: now + 3600 } }), /clock/],
  "a token from the future": [await signed({ claims: { iat: now + 3600 } }), /clock/],
  "a token of another origin": [
    await signed({ claims: { azp: `https://${canary}.example.com` } }),
    /Add the app's origin.*CLERK_AUTHORIZED_PARTIES/,
  ],
  "a token without an origin": [
    await signed({ claims: { azp: undefined } }),
    /Unset CLERK_AUTHORIZED_PARTIES.*azp/,
  ],
  "a token of another issuer": [
    await signed({ claims: { iss: `https://${canary}.example.com` } }),
    /CLERK_ISSUER/,
  ],
  "a token without an expiry": [await signed({ claims: { exp: undefined } }), /fresh/],
};

for (const [what, [authorization, named]] of Object.entries(causes)) {
  Deno.test(`the hint says what to do about ${what}, and quotes nothing`, async () => {
    const { code, message, hint = "" } = await refusalOf(authorization);
    assert.deepEqual([code, message], ["invalid_token", "Invalid or expired token"]);
    assert.match(hint, named);
    assert.ok(!hint.includes(canary) && !hint.includes("clerk.example.com"), hint);
    assert.doesNotMatch(hint, /\.$/);
  });
}

Deno.test("only a hint about the origin names CLERK_AUTHORIZED_PARTIES, and only after the signature was right", async () => {
  const forged = { ...checks, findKey: () => Promise.resolve(succeed(stranger.jwk)) };
  for (const azp of [`https://${canary}.example.com`, undefined]) {
    const token = await signed({ claims: { azp } });
    assert.match((await refusalOf(token)).hint ?? "", /CLERK_AUTHORIZED_PARTIES/);
    assert.doesNotMatch((await refusalOf(token, forged)).hint ?? "", /CLERK_AUTHORIZED_PARTIES/);
  }
  const naming = Object.entries(hints)
    .filter(([, hint]) => hint.includes("CLERK_AUTHORIZED_PARTIES"))
    .map(([reason]) => reason);
  assert.deepEqual(naming, ["no authorized party", "token-invalid-authorized-parties"]);
});

Deno.test("a token of another instance gets the same hint with and without CLERK_JWT_KEY", async () => {
  const networkless = { ...checks, findKey: createFindKey({ pem: key.pem }) };
  const token = `Bearer ${await sessionToken(stranger)}`;
  assert.equal((await refusalOf(token, networkless)).hint, (await refusalOf(token)).hint);
});
