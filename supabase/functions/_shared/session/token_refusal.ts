import { fail, type Result } from "../failure.ts";

const anyToken = "Send a fresh Clerk session token from session.getToken() as the bearer";
const notClerks =
  "Send the token from session.getToken() as the bearer; a Supabase key belongs in the apikey header";
const oneInstance =
  "Use keys of one Clerk instance: the app's publishable key and the server's CLERK_SECRET_KEY or CLERK_JWT_KEY belong together";
const serverClock = "Check the server's clock: according to it, the token is not valid yet";

/**
 * Why a token is refused, and what the caller should do about it. All share one message, and no
 * hint tells more than the sender can read in the token or in the documentation.
 */
export const hints = {
  "not a bearer token":
    "Send the header Authorization: Bearer, followed by the token from session.getToken()",
  "not a session token": notClerks,
  "template token":
    "Call getToken() without a template: a token from a JWT template is not a session token",
  "machine token":
    "Send a user's token from getToken() without a template: machine tokens, API keys and OAuth tokens are not accepted",
  "other category": "Call getToken() without a template: only session tokens are accepted",
  "no session id": "Call getToken() without a template: this token names no session (sid)",
  "unknown key": oneInstance,
  "no authorized party":
    "Unset CLERK_AUTHORIZED_PARTIES if native apps or servers call: their tokens name no origin (azp)",
  claims: anyToken,
  unverifiable: anyToken,
  // The rest are reasons of @clerk/backend's verifyJwt.
  "token-expired": "Call session.getToken() before each request: a token lives for only a minute",
  "token-invalid": notClerks,
  "token-invalid-algorithm": notClerks,
  "token-invalid-authorized-parties":
    "Add the app's origin, such as https://app.example.com, to CLERK_AUTHORIZED_PARTIES",
  "token-invalid-issuer":
    "Set CLERK_ISSUER to the Frontend API address of the Clerk instance that the app uses",
  "token-invalid-signature": oneInstance,
  "token-not-active-yet": serverClock,
  "token-iat-in-the-future": serverClock,
  "token-verification-failed": anyToken,
} as const satisfies Record<string, string>;

export type TokenRefusal = keyof typeof hints;

/** `invalid_token` with the hint for the reason. The reason itself is for the log. */
export function refuseToken(reason: TokenRefusal): Result<never> {
  return fail("invalid_token", { reason, hint: hints[reason] });
}

export function isTokenRefusal(reason: string): reason is TokenRefusal {
  return Object.hasOwn(hints, reason);
}
