import { z } from "zod";
import type { TokenRefusal } from "./token_refusal.ts";

/** The `cat` of a token's header, as in @clerk/backend's tokens/jwtCategories. */
const categories = {
  session: "cl_B7d4PD111AAA",
  template: "cl_B7d4PD222AAA",
  machine: "cl_B7d4PD333AAA",
  /** Let through by @clerk/backend. */
  ignored: "cl_I7d4PD111III",
};

const sessionClaims = z.object({ sid: z.string().min(1) });
const machineClaims = z.object({ sub: z.string().startsWith("mch_") });

/**
 * What a token is, if not a session's: Clerk signs all kinds with the same key, and verifyJwt takes them
 * all. A template's token has the lifetime of its template, and says nothing of a session's pending tasks.
 *
 * @param category the header's `cat`; absent from tokens older than the categories
 */
export function misfitOf(category: unknown, claims: unknown): TokenRefusal | undefined {
  if (category === categories.machine || machineClaims.safeParse(claims).success) {
    return "machine token";
  }
  if (category === categories.template) return "template token";
  if (![undefined, categories.session, categories.ignored].some((known) => known === category)) {
    return "other category";
  }
  return sessionClaims.safeParse(claims).success ? undefined : "no session id";
}

/** Whether a bearer that is no JWT is one of Clerk's opaque tokens: of a machine, of OAuth, an API key. */
export function isOpaqueMachineToken(bearer: string): boolean {
  return /^(mt|oat|ak)_/.test(bearer);
}
