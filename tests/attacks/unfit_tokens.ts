import { canary } from "../support/leaks/leak.ts";
import { compactToken, encodePart, noSignature } from "./compact_token.ts";
import type { TokenForge } from "./token_forge.ts";

/** Tokens with headers that no session token has. */
export async function makeUnfitHeaders(forge: TokenForge): Promise<void> {
  const {
    key,
    stranger,
    userId,
    claims,
    header,
    sign,
    signAsStranger,
    signature,
    refuse,
    withHeader,
  } = forge;
  refuse("crit naming an unknown extension", await withHeader({ crit: ["exp2"], exp2: 1 }, sign));
  refuse("crit naming an unencoded payload", await withHeader({ crit: ["b64"], b64: false }, sign));
  refuse("crit that is empty", await withHeader({ crit: [] }, sign));
  refuse(
    "an unencoded payload",
    `${encodePart({ ...header, b64: false })}.{"sub":"${userId}"}.${signature}`,
  );
  for (const typ of ["JWE", "at+jwt", "dpop+jwt", "jwt", "", null, 1]) {
    refuse(`typ ${JSON.stringify(typ)}`, await withHeader({ typ }, sign));
  }
  refuse("a header that is null", await compactToken("null", claims, sign));
  refuse("a header that is a list", await compactToken("[]", claims, sign));
  refuse("a header that is not JSON", await compactToken("{alg:RS256}", claims, sign));
  refuse(
    "a header with alg twice, the second none",
    await compactToken(
      `{"alg":"RS256","kid":"${key.publicJwk.kid}","typ":"JWT","alg":"none"}`,
      claims,
      noSignature,
    ),
  );
  refuse(
    "a header with the key id twice",
    await compactToken(
      `{"alg":"RS256","kid":"${stranger.publicJwk.kid}","typ":"JWT","kid":"${key.publicJwk.kid}"}`,
      claims,
      signAsStranger,
    ),
  );
}

/** Tokens with claims that no session has, signed by the instance unless their name says "forged". */
export async function makeUnfitClaims(forge: TokenForge): Promise<void> {
  const { userId, issuer, party, now, claims, header, sign, signAsStranger, refuse, withClaims } =
    forge;
  const unfit: Readonly<Record<string, Record<string, unknown>>> = {
    "that expired a minute ago": { exp: now - 60 },
    "that expired in 1970": { exp: 0 },
    "that expired long before 1970": { exp: -1e300 },
    "without an expiry": { exp: undefined },
    "with an expiry of null": { exp: null },
    "with an expiry that is text": { exp: String(now + 600) },
    "with an expiry in a list": { exp: [now + 600] },
    "with an expiry beyond what a date holds": { exp: 1e300 },
    "with an expiry just beyond what a date holds": { exp: 8_640_000_000_001 },
    "not valid for another hour": { nbf: now + 3600 },
    "with text as the start of validity": { nbf: "now" },
    "with a start of validity beyond any date": { nbf: 1e300 },
    "issued an hour from now": { iat: now + 3600 },
    "with text as the time of issue": { iat: "now" },
    "issued after any date": { iat: 1e300 },
    "without a subject": { sub: undefined },
    "with an empty subject": { sub: "" },
    "with a subject of null": { sub: null },
    "with a subject that is a number": { sub: 7 },
    "with a subject that is a list": { sub: [userId] },
    "with a subject that is an object": { sub: { id: userId } },
    "with a path as the subject": { sub: `${userId}/../${userId}` },
    "with a path upwards as the subject": { sub: "../jwks" },
    "with a query as the subject": { sub: `${userId}?limit=1` },
    "with an email address as the subject": { sub: `${canary}@example.com` },
    "with a filter as the subject": { sub: "neq.x" },
    "with a NUL in the subject": { sub: `${userId}\0` },
    "with a lone surrogate in the subject": { sub: `${userId}\ud800` },
    "with a machine as the subject": { sub: "mch_2abcdefghijklmnopqrstuvwxyz" },
    "with a subject of 5,000 characters": { sub: `user_${"x".repeat(5000)}` },
    "of another origin": { azp: "https://evil.example.com" },
    "of an origin that begins like ours": { azp: `${party}.evil.example.com` },
    "of our origin in capitals": { azp: party.toUpperCase() },
    "without an origin": { azp: undefined },
    "with an empty origin": { azp: "" },
    "with an origin of null": { azp: null },
    "with our origin in a list": { azp: [party] },
    "of another issuer": { iss: "https://clerk.evil.example.com" },
    "of an issuer that begins like ours": { iss: `${issuer}.evil.example.com` },
    "without an issuer": { iss: undefined },
    "with our issuer in a list": { iss: [issuer] },
    "with a status that is not text": { sts: ["active"] },
  };
  for (const [what, changes] of Object.entries(unfit)) {
    refuse(`a token ${what}`, await withClaims(changes));
  }
  refuse("a session with pending tasks", await withClaims({ sts: "pending" }), "session_pending");
  refuse(
    "a pending session, forged",
    await compactToken(header, { ...claims, sts: "pending" }, signAsStranger),
  );
  const twice = (name: string, value: unknown) =>
    `${JSON.stringify(claims).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`;
  refuse(
    "an expiry twice, the second past",
    await compactToken(header, twice("exp", now - 60), sign),
  );
  refuse(
    "a status twice, the second pending",
    await compactToken(header, twice("sts", "pending"), sign),
    "session_pending",
  );
  refuse(
    "a subject twice, forged",
    await compactToken(header, twice("sub", userId), signAsStranger),
  );
  for (
    const [what, text] of [["null", "null"], ["a list", "[]"], ["text", '"user_1"'], [
      "not JSON",
      "sub",
    ], ["empty", ""]] as const
  ) {
    refuse(`claims that are ${what}`, await compactToken(header, text, sign));
  }
}

/** Tokens that get in. Without them, a door that is always shut would pass. */
export async function makeFitTokens(forge: TokenForge): Promise<void> {
  const { now, sign, genuine, add, accept, withClaims, withHeader } = forge;
  const authorization = `Bearer ${genuine}`;
  accept("a session token as Clerk issues it", authorization);
  accept("the scheme in lower case", `bearer ${genuine}`);
  accept("the scheme in upper case", `BEARER ${genuine}`);
  accept("spaces after the scheme and the token", `Bearer   ${genuine}  \t`);
  accept("a token without a typ", `Bearer ${await withHeader({ typ: undefined }, sign)}`);
  // Only the application can add an audience, so there is nothing to compare it with.
  accept(
    "an audience of the application's own",
    `Bearer ${await withClaims({ aud: "https://api.example.com" })}`,
  );
  const version1 = {
    v: undefined,
    sts: undefined,
    fva: undefined,
    org_id: "org_1",
    org_role: "org:admin",
    org_slug: canary,
    org_permissions: ["org:billing:read"],
  };
  accept("a token of version 1", `Bearer ${await withClaims(version1)}`);
  accept(
    "a token within the clocks' tolerance",
    `Bearer ${await withClaims({ nbf: now + 3, iat: now + 3 })}`,
  );
  accept(
    "a name in many scripts among the claims",
    `Bearer ${await withClaims({ name: `Ωñ漢🦕 ${canary}` })}`,
  );
  add("the token beside a forged one in the query", {
    headers: [["authorization", authorization]],
    query: `?access_token=${await withHeader({})}`,
    refusal: null,
  });
}
