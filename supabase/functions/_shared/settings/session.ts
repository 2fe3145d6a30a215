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
  const jwtKey = variable(environment, "CLERK_JWT_KEY");
  const pem = jwtKey && readPem(jwtKey);
  if (jwtKey && !pem) {
    return misconfigured("CLERK_JWT_KEY must be a public key in PEM (BEGIN PUBLIC KEY)");
  }
  const keys = pem ? succeed({ pem }) : readClerkApiSettings(environment);
  if (!keys.ok) return keys;
  const parties = variable(environment, "CLERK_AUTHORIZED_PARTIES")?.split(",")
    .map((party) => party.trim()).filter((party) => party !== "").map(originOf);
  const authorizedParties = parties?.filter((party) => party !== undefined);
  if (authorizedParties?.length === 0 || authorizedParties?.length !== parties?.length) {
    return misconfigured("CLERK_AUTHORIZED_PARTIES must be origins, separated by commas");
  }
  const issuer = variable(environment, "CLERK_ISSUER");
  const address = issuer && webAddress(issuer);
  if (issuer && !address) return misconfigured("CLERK_ISSUER must be an http or https address");
  return succeed({ keys: keys.value, authorizedParties, issuer: address });
}

/**
 * Reads a key whatever became of its line breaks, and breaks its lines as PEM does.
 *
 * @returns undefined if it is not a public key in PEM
 */
function readPem(text: string): string | undefined {
  const [, base64] = /^-----BEGINPUBLICKEY-----([A-Za-z0-9+/=]+)-----ENDPUBLICKEY-----$/
    .exec(text.replace(/\\[rn]|\s/g, "")) ?? [];
  const lines = base64?.match(/.{1,64}/g) ?? undefined;
  return lines && ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
}

/**
 * Reads an origin as browsers write it, which is how a token names it. Browser extensions and apps
 * have schemes of their own: chrome-extension://…, capacitor://localhost.
 *
 * @returns undefined if it is none
 */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^[\w.:[\]-]+$/.test(url.host)) return undefined;
  // Not url.origin, which is "null" for schemes that are not the web's.
  const origin = `${url.protocol}//${url.host}`;
  return url.href === origin || url.href === `${origin}/` ? origin : undefined;
}
