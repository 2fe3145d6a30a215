import { fail, type Result, succeed } from "../failure.ts";
import { readServiceKey } from "./service_key.ts";
import { readWebhookSecrets } from "./webhook_secret.ts";

/** The environment's variables, as `Deno.env.toObject()` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SupabaseSettings {
  readonly url: string;
  /** The service-role (secret) key. */
  readonly key: string;
}

export interface ClerkApiSettings {
  readonly secretKey: string;
  readonly apiUrl: string;
}

export interface SessionSettings {
  /** The instance's public key (SPKI in PEM), for verification without a network call, or where to get it. */
  readonly keys: { readonly pem: string } | ClerkApiSettings;
  /** Origins that a token's `azp` must be one of; undefined: not checked. */
  readonly authorizedParties: readonly string[] | undefined;
  /** What a token's `iss` must be: the instance's Frontend API; undefined: not checked. */
  readonly issuer: string | undefined;
}

export interface WebhookSettings {
  /** Signing secrets (whsec_…): one, or several during a rotation. */
  readonly secrets: readonly string[];
  /** Events of any other Clerk instance are refused; undefined: not checked. */
  readonly instanceId: string | undefined;
}

/** The variable's value; undefined where it is unset or blank. */
export function variable(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

export function misconfigured(message: string) {
  return fail("server_misconfigured", { message });
}

export function readSupabaseSettings(environment: Environment): Result<SupabaseSettings> {
  const url = variable(environment, "SUPABASE_URL");
  const key = readServiceKey(environment);
  if (!key.ok) return key;
  if (!url || !key.value) {
    return misconfigured("SUPABASE_URL and SUPABASE_KEY environment variables are required");
  }
  if (!isWebAddress(url)) return misconfigured("SUPABASE_URL must be an http or https address");
  return succeed({ url, key: key.value });
}

export function readClerkApiSettings(environment: Environment): Result<ClerkApiSettings> {
  const secretKey = readSecretKey(environment);
  if (!secretKey.ok) return secretKey;
  const apiUrl = readApiUrl(environment);
  return apiUrl.ok ? succeed({ secretKey: secretKey.value, apiUrl: apiUrl.value }) : apiUrl;
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
  if (issuer && !isWebAddress(issuer)) {
    return misconfigured("CLERK_ISSUER must be an http or https address");
  }
  return succeed({
    keys: keys.value,
    authorizedParties: parties,
    issuer: issuer?.replace(/\/+$/, ""),
  });
}

export function readWebhookSettings(environment: Environment): Result<WebhookSettings> {
  const secrets = readWebhookSecrets(environment);
  if (!secrets.ok) return secrets;
  return succeed({
    secrets: secrets.value,
    instanceId: variable(environment, "CLERK_INSTANCE_ID"),
  });
}

function readSecretKey(environment: Environment): Result<string> {
  const key = variable(environment, "CLERK_SECRET_KEY");
  if (!key) return misconfigured("CLERK_SECRET_KEY environment variable is required");
  if (!key.startsWith("sk_")) {
    return misconfigured(
      "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)",
    );
  }
  return succeed(key);
}

function readApiUrl(environment: Environment): Result<string> {
  const url = variable(environment, "CLERK_API_URL") ?? "https://api.clerk.com";
  if (!isWebAddress(url)) return misconfigured("CLERK_API_URL must be an http or https address");
  return succeed(url);
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:";
}

function isPublicKeyPem(text: string): boolean {
  return /^-----BEGIN PUBLIC KEY-----\s+[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$/.test(text);
}
