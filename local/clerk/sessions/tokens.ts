import { CompactSign } from "jose";
import type { InstanceKey } from "../keys/instance_key.ts";

/** Seconds that a token lives by default. */
const usualLife = 60;
/** Seconds before its issue at which a token becomes valid. */
const notBeforeLeeway = 10;
/** The header's `cat`, by which Clerk marks session tokens among its JWTs. */
const sessionCategory = "cl_B7d4PD111AAA";

/** The organization that a session is active in, and the user's role there. */
export interface ActiveOrganization {
  readonly id: string;
  readonly slug: string;
  /** Such as `org:admin`. */
  readonly role: string;
}

/** What a session token is about. */
export interface TokenSubject {
  readonly sessionId: string;
  readonly userId: string;
  readonly status: "active" | "pending";
  /** The claim `azp`; null leaves it out. */
  readonly origin: string | null;
  /** When a factor was last verified: the start of the session, in milliseconds since the epoch. */
  readonly verifiedAt: number;
  readonly organization?: ActiveOrganization | undefined;
  /** True if Clerk's Supabase integration, which adds the claim `role`, is switched off. */
  readonly withoutRole?: boolean;
}

/**
 * The claims of a version 2 session token.
 *
 * @param at milliseconds since the epoch
 * @param life seconds
 */
export function sessionClaims(
  subject: TokenSubject,
  issuer: string,
  at: number,
  life = usualLife,
): Record<string, unknown> {
  const issuedAt = Math.floor(at / 1000);
  const factorAgeMinutes = Math.max(0, Math.floor((at - subject.verifiedAt) / 60_000));
  return {
    ...(subject.origin === null ? {} : { azp: subject.origin }),
    exp: issuedAt + life,
    fva: [factorAgeMinutes, -1],
    iat: issuedAt,
    iss: issuer,
    jti: crypto.getRandomValues(new Uint8Array(10)).toHex(),
    nbf: issuedAt - notBeforeLeeway,
    ...(subject.withoutRole ? {} : { role: "authenticated" }),
    sid: subject.sessionId,
    sts: subject.status,
    sub: subject.userId,
    v: 2,
    ...(subject.organization ? { o: organizationClaim(subject.organization) } : {}),
  };
}

/**
 * Has neither `per` nor `fpm`: the double's roles have only Clerk's own permissions, which Clerk leaves
 * out of tokens.
 */
function organizationClaim({ id, slug, role }: ActiveOrganization) {
  return { id, slg: slug, rol: role.replace(/^org:/, "") };
}

/** Signs claims as a session token (RS256). `header` changes the header; undefined removes a field. */
export async function signToken(
  key: InstanceKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return await new CompactSign(payload)
    .setProtectedHeader({
      alg: "RS256",
      cat: sessionCategory,
      kid: key.publicJwk.kid,
      typ: "JWT",
      ...header,
    })
    .sign(key.privateKey);
}
