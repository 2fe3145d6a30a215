import { SignJWT } from "jose";

/** A role that a Supabase API key stands for. */
export type ApiRole = "anon" | "service_role";

const tenYears = 10 * 365 * 24 * 60 * 60;

/**
 * Signs a legacy API key: a JWT (HS256) that names a role.
 *
 * @param issuedAt Seconds since the epoch.
 */
export async function signApiKey(
  secret: string,
  role: ApiRole,
  issuedAt: number,
): Promise<string> {
  return await new SignJWT({ iss: "supabase-local", role })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tenYears)
    .sign(new TextEncoder().encode(secret));
}
