import { CompactSign } from "jose";
import type { InstanceKey } from "../keys/instance_key.ts";
import { type ActiveOrganization, organizationClaims } from "./organization_claims.ts";

/** A session token's life, in seconds, where nothing else is asked for. */
export const SESSION_TOKEN_SECONDS = 60;
/** How long before its issue a token is already valid, in seconds. */
const NOT_BEFORE_LEEWAY_SECONDS = 10;

/** The category of session tokens, as Clerk marks its JWTs: `cat` in the header. */
const SESSION_CATEGORY = "cl_B7d4PD111AAA";

/** What a session token says about. */
export interface TokenSubject {
  sessionId: string;
  userId: string;
  status: "active" | "pending";
  /** The `azp` claim; null leaves it out. */
  origin: string | null;
  /** When the session was made, in milliseconds: the last time a factor was verified. */
  verifiedAt: number;
  /** Absent where the session has no active organization. */
  organization?: ActiveOrganization;
}

/** The claims of a version 2 session token. */
export function sessionClaims(
  subject: TokenSubject,
  issuer: string,
  at: number,
  lifetimeSeconds = SESSION_TOKEN_SECONDS,
): Record<string, unknown> {
  const issuedAt = Math.floor(at / 1000);
  const factorAgeMinutes = Math.max(0, Math.floor((at - subject.verifiedAt) / 60_000));
  return {
    ...(subject.origin === null ? {} : { azp: subject.origin }),
    exp: issuedAt + lifetimeSeconds,
    fva: [factorAgeMinutes, -1],
    iat: issuedAt,
    iss: issuer,
    jti: crypto.getRandomValues(new Uint8Array(10)).toHex(),
    nbf: issuedAt - NOT_BEFORE_LEEWAY_SECONDS,
    // What Clerk's Supabase integration adds.
    role: "authenticated",
    sid: subject.sessionId,
    sts: subject.status,
    sub: subject.userId,
    v: 2,
    ...(subject.organization === undefined ? {} : organizationClaims(subject.organization)),
  };
}

/** Signs claims as a session token (RS256). `header` overrides or, with undefined, removes. */
export async function signToken(
  key: InstanceKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return await new CompactSign(payload)
    .setProtectedHeader({
      alg: "RS256",
      cat: SESSION_CATEGORY,
      kid: key.publicJwk.kid,
      typ: "JWT",
      ...header,
    })
    .sign(key.privateKey);
}
