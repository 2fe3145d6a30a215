import { signClaims } from "../support/stack/clerk.ts";

/** A session token that outlasts every fault: what is tested is not that it expires. */
export function longToken(userId: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return signClaims({ sub: userId, iat: now, nbf: now, exp: now + 3600 });
}
