import { createHmac } from "node:crypto";

/** A role that a Supabase API key stands for. */
export type ApiRole = "anon" | "service_role";

const tenYears = 10 * 365 * 24 * 60 * 60;

/**
 * Signs a legacy API key: a JWT (HS256) that names a role.
 *
 * @param issuedAt Seconds since the epoch.
 */
export function signApiKey(secret: string, role: ApiRole, issuedAt: number): string {
  const header = encode({ alg: "HS256", typ: "JWT" });
  const claims = encode({
    iss: "supabase-local",
    role,
    iat: issuedAt,
    exp: issuedAt + tenYears,
  });
  const signature = createHmac("sha256", secret).update(`${header}.${claims}`).digest("base64url");
  return `${header}.${claims}.${signature}`;
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
