import { decodeJwt, verifyJwt } from "@clerk/backend/jwt";
import * as z from "zod/mini";
import type { FindKey } from "../clerk/keys.ts";
import { fail, type Result, succeed } from "../failure.ts";
import { createKnownTokens, digestOf } from "./known_tokens.ts";
import { isOpaqueMachineToken, misfitOf } from "./token_kind.ts";
import { isTokenRefusal, refuseToken, type TokenRefusal } from "./token_refusal.ts";

/** Who is calling, according to a verified session token. */
export interface Session {
  /** Clerk's id of the user: the token's `sub`. */
  readonly userId: string;
  /** Id of the key that signed the token. */
  readonly keyId: string;
}

/**
 * Verifies the request's bearer token.
 *
 * @returns `missing_token`, `invalid_token` or `session_pending`; one of ClerkApi's failures if the
 * keys could not be read. Never throws because of what a caller sends.
 */
export type VerifySession = (request: Request) => Promise<Result<Session>>;

export interface SessionVerifierOptions {
  readonly findKey: FindKey;
  readonly authorizedParties: readonly string[] | undefined;
  readonly issuer?: string | undefined;
}

/** Characters. Clerk's tokens have about 1,000. Longer ones are refused before any work. */
const longestToken = 16_384;

const tokenHeader = z.object({
  kid: z.string().check(z.minLength(1), z.maxLength(256)),
  // A token with critical extensions that we do not understand must be refused (RFC 7515, 4.1.11).
  crit: z.optional(z.never()),
  cat: z.optional(z.unknown()),
  typ: z.optional(z.unknown()),
  alg: z.optional(z.unknown()),
});

/** Seconds since the epoch that a Date can hold. verifyJwt would accept any later time as valid. */
const tokenTime = z.number()
  .check(z.minimum(-8_640_000_000_000), z.maximum(8_640_000_000_000));

const tokenClaims = z.object({
  // Part of the paths of requests to Clerk and to the database. Machine tokens have other subjects.
  sub: z.string().check(z.maxLength(64), z.regex(/^user_\w+$/)),
  sts: z.optional(z.string()),
  exp: tokenTime,
  nbf: z.optional(tokenTime),
  iat: z.optional(tokenTime),
  azp: z.optional(z.unknown()),
  iss: z.optional(z.unknown()),
});
type TokenClaims = z.infer<typeof tokenClaims>;

/** What a token says about itself, unverified. */
interface ClaimedToken {
  readonly kid: string;
  readonly claims: TokenClaims;
}

type Checks = Omit<SessionVerifierOptions, "findKey">;

/** Seconds that verifyJwt lets Clerk's clock and ours differ. */
const clockTolerance = 5;

/** verifyJwt knows no others. */
const algorithms = ["RS256", "RS384", "RS512"];

export function createSessionVerifier(options: SessionVerifierOptions): VerifySession {
  const { findKey, ...checks } = options;

  const known = createKnownTokens();

  return async (request) => {
    const authorization = request.headers.get("authorization");
    if (!authorization?.trim()) return fail("missing_token");
    const token = bearerToken(authorization);
    if (token === undefined) return refuseToken("not a bearer token");
    const digest = digestOf(token);
    return await recall(digest) ?? await examine(token, digest);
  };

  /** The session of a token that was verified before, if its key is still the instance's. */
  async function recall(digest: string): Promise<Result<Session> | undefined> {
    const remembered = known.find(digest, Date.now());
    if (!remembered) return undefined;
    const { userId, keyId } = remembered;
    const key = await findKey(keyId);
    return key.ok && key.value === remembered.key ? succeed({ userId, keyId }) : undefined;
  }

  async function examine(token: string, digest: string): Promise<Result<Session>> {
    // Before looking for a key: what no key can make good is refused whether or not Clerk answers.
    const claimed = readToken(token, checks);
    if (!claimed.ok) return claimed;
    const { kid, claims } = claimed.value;
    const key = await findKey(kid);
    // A hint about the origin means that the token is of this instance, unless nobody can tell.
    const wrongOrigin = originFaultOf(claims, checks);
    if (!key.ok) return wrongOrigin ? refuseToken(wrongOrigin) : key;
    if (key.value === undefined) return refuseToken("unknown key");
    const verifiedAt = Date.now();
    const refusal = await verify(token, key.value, checks);
    if (refusal === "token-invalid-authorized-parties") return refuseToken(wrongOrigin ?? refusal);
    if (refusal) return refuseToken(refusal);
    // Clerk's verification accepts a session with pending tasks.
    if (claims.sts === "pending") return fail("session_pending");
    const session = { userId: claims.sub, keyId: kid };
    const endsAt = claims.exp * 1000;
    known.remember(digest, { ...session, key: key.value, verifiedAt, endsAt });
    return succeed(session);
  }
}

function bearerToken(authorization: string): string | undefined {
  const token = /^bearer +([\w.-]+)$/i.exec(authorization.trim())?.[1];
  return token && token.length <= longestToken ? token : undefined;
}

function readToken(token: string, checks: Checks): Result<ClaimedToken> {
  const decoded = decode(token);
  const header = tokenHeader.safeParse(decoded?.header).data;
  if (!decoded || !header) {
    return refuseToken(isOpaqueMachineToken(token) ? "machine token" : "not a session token");
  }
  const misfit = misfitOf(header.cat, decoded.payload);
  if (misfit) return refuseToken(misfit);
  const claims = tokenClaims.safeParse(decoded.payload).data;
  if (!claims) return refuseToken("claims");
  const fault = faultOf(header, claims, checks);
  return fault ? refuseToken(fault) : succeed({ kid: header.kid, claims });
}

function originFaultOf(
  { azp }: TokenClaims,
  { authorizedParties }: Checks,
): TokenRefusal | undefined {
  if (authorizedParties && (typeof azp !== "string" || !azp)) return "no authorized party";
  if (authorizedParties?.every((party) => party !== azp)) return "token-invalid-authorized-parties";
  return undefined;
}

/** What verifyJwt would refuse in a token with any key and origin, in its order. */
function faultOf(
  { typ, alg }: z.infer<typeof tokenHeader>,
  { iss, exp, nbf = 0, iat = 0 }: TokenClaims,
  { issuer }: Checks,
): TokenRefusal | undefined {
  if (typ !== undefined && typ !== "JWT") return "token-invalid";
  if (!algorithms.some((known) => known === alg)) return "token-invalid-algorithm";
  if (issuer && iss !== issuer) return "token-invalid-issuer";
  const now = Date.now() / 1000;
  if (Math.trunc(exp) <= now - clockTolerance) return "token-expired";
  if (Math.trunc(nbf) > now + clockTolerance) return "token-not-active-yet";
  if (Math.trunc(iat) > now + clockTolerance) return "token-iat-in-the-future";
  return undefined;
}

function decode(token: string): { header: unknown; payload: unknown } | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

async function verify(
  token: string,
  key: JsonWebKey | string,
  { authorizedParties, issuer }: Checks,
): Promise<TokenRefusal | undefined> {
  try {
    await verifyJwt(token, {
      key,
      ...(authorizedParties ? { authorizedParties: [...authorizedParties] } : {}),
      ...(issuer ? { issuer } : {}),
    });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const verificationError = z.object({ reason: z.string() });

/** TokenVerificationError's reason, such as "token-expired". Unknown ones become "unverifiable". */
function reasonOf(error: unknown): TokenRefusal {
  const reason = verificationError.safeParse(error).data?.reason ?? "";
  return isTokenRefusal(reason) ? reason : "unverifiable";
}
