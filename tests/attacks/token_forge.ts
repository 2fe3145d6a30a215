import { generateInstanceKey, type InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { sessionClaims } from "../../local/clerk/sessions/tokens.ts";
import type { FailureCode } from "../../supabase/functions/_shared/failure.ts";
import { canary } from "../support/leaks/leak.ts";
import { compactToken, rsa } from "./compact_token.ts";

/** The configuration of the functions under attack, and the user whose rights the attacker wants. */
export interface Target {
  readonly key: InstanceKey;
  readonly userId: string;
  readonly issuer: string;
  readonly party: string;
}

/** One attempt to get in: the headers, and what follows the function's name. */
export interface Attempt {
  readonly headers: readonly (readonly [string, string])[];
  readonly query?: string;
  /** The code that it is refused with, or null if it should get in. */
  readonly refusal: FailureCode | null;
  /** Only the key set can refuse it. With CLERK_JWT_KEY there is one key, whatever its id. */
  readonly keySetOnly?: true;
}

/** Makes genuine and other tokens, and collects the attempts made with them. */
export type TokenForge = Awaited<ReturnType<typeof createTokenForge>>;

export async function createTokenForge(target: Target) {
  const { key, userId, issuer, party } = target;
  const stranger = await generateInstanceKey();
  const attempts = new Map<string, Attempt>();
  const now = Math.floor(Date.now() / 1000);
  // The tokens last longer than usual, because every configuration and function uses the same ones.
  const claims = sessionClaims(
    {
      userId,
      sessionId: `sess_${canary}`,
      status: "active",
      origin: party,
      verifiedAt: now * 1000,
    },
    issuer,
    now * 1000,
    600,
  );
  const header = { alg: "RS256", cat: "cl_B7d4PD111AAA", kid: key.publicJwk.kid, typ: "JWT" };
  const [sign, signAsStranger] = [rsa(key), rsa(stranger)];
  const genuine = await compactToken(header, claims, sign);
  const [head = "", body = "", signature = ""] = genuine.split(".");

  function add(name: string, attempt: Attempt) {
    if (attempts.has(name)) throw new Error(`Two attempts are named "${name}"`);
    attempts.set(name, attempt);
  }
  function refuse(name: string, token: string, refusal: FailureCode = "invalid_token") {
    add(name, { headers: [["authorization", `Bearer ${token}`]], refusal });
  }
  function refuseHeader(name: string, authorization: string) {
    add(name, { headers: [["authorization", authorization]], refusal: "invalid_token" });
  }
  function accept(name: string, authorization: string) {
    add(name, { headers: [["authorization", authorization]], refusal: null });
  }
  const withClaims = (changes: Record<string, unknown>) =>
    compactToken(header, { ...claims, ...changes }, sign);
  const withHeader = (changes: Record<string, unknown>, signer = signAsStranger) =>
    compactToken({ ...header, ...changes }, claims, signer);

  return {
    ...target,
    /** Another instance's key. */
    stranger,
    /** Seconds since the epoch. */
    now,
    /** The claims of a session token as Clerk issues it. */
    claims,
    header,
    sign,
    signAsStranger,
    /** A token that gets in, and its three parts. */
    genuine,
    head,
    body,
    signature,
    /** Every attempt, by name. */
    attempts,
    add,
    /** Adds an attempt with this token as bearer. */
    refuse,
    /** Adds an attempt with this Authorization header. */
    refuseHeader,
    accept,
    /** Makes a token with other claims, signed by the instance. */
    withClaims,
    /** Makes a token with another header, signed by the stranger by default. */
    withHeader,
  };
}
