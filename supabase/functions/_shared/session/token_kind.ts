import * as z from "zod/mini";
import type { TokenRefusal } from "./token_refusal.ts";

/** Values of `cat` in a token's header, as in @clerk/backend's tokens/jwtCategories. */
const categories = {
  session: "cl_B7d4PD111AAA",
  template: "cl_B7d4PD222AAA",
  machine: "cl_B7d4PD333AAA",
  /** @clerk/backend lets these through. */
  ignored: "cl_I7d4PD111III",
};

const sessionClaims = z.object({ sid: z.string().check(z.minLength(1)) });
const machineClaims = z.object({ sub: z.string().check(z.startsWith("mch_")) });

/**
 * Says what a token is if it is not a session token. Clerk signs all kinds with the same key, and
 * verifyJwt accepts them all. A template's token lives as long as the template says, and does not
 * tell whether its session has pending tasks.
 *
 * @param category the header's `cat`; tokens from before the categories have none
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

/** Whether this is one of Clerk's opaque tokens: a machine token, OAuth token or API key. */
export function isOpaqueMachineToken(bearer: string): boolean {
  return /^(mt|oat|ak)_/.test(bearer);
}
