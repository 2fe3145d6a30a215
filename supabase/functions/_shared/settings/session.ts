import { type Result, succeed } from "../failure.ts";
import { type ClerkApiSettings, readClerkApiSettings } from "./clerk_api.ts";
import { type Environment, misconfigured, variable, webAddress } from "./variable.ts";

export interface SessionSettings {
  /** The public key (SPKI in PEM), which needs no network call, or where to fetch the keys. */
  readonly keys: { readonly pem: string } | ClerkApiSettings;
  /** A token's `azp` must be one of these origins. Undefined: not checked. */
  readonly authorizedParties: readonly string[] | undefined;
  /** A token's `iss` must be this, the address of the Frontend API. Undefined: not checked. */
  readonly issuer: string | undefined;
}

export function readSessionSettings(environment: Environment): Result<SessionSettings> {
  const jwtKey = variable(environment, "CLERK_JWT_KEY")?.replaceAll("\\n", "\n");
  if (jwtKey && !isPublicKeyPem(jwtKey)) {
    return misconfigured("CLERK_JWT_KEY must be a public key in PEM (BEGIN PUBLIC KEY)");
  }
  const keys = jwtKey ? succeed({ pem: jwtKey }) : readClerkApiSettings(environment);
  if (!keys.ok) return keys;
  const parties = variable(environment, "CLERK_AUTHORIZED_PARTIES")?.split(",")
    .map((party) => party.trim().replace(/\/$/, "")).filter((party) => party !== "");
  if (parties?.length === 0) {
    return misconfigured("CLERK_AUTHORIZED_PARTIES must be origins, separated by commas");
  }
  const issuer = variable(environment, "CLERK_ISSUER");
  const address = issuer && webAddress(issuer);
  if (issuer && !address) return misconfigured("CLERK_ISSUER must be an http or https address");
  return succeed({
    keys: keys.value,
    authorizedParties: parties,
    issuer: address,
  });
}

function isPublicKeyPem(text: string): boolean {
  return /^-----BEGIN PUBLIC KEY-----\s+[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/.test(text);
}
