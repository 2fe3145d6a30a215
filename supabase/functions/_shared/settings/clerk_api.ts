import { type Result, succeed } from "../failure.ts";
import { type Environment, fitsHeader, misconfigured, variable, webAddress } from "./variable.ts";

export interface ClerkApiSettings {
  readonly secretKey: string;
  /** Without the version, and without a slash at the end. */
  readonly apiUrl: string;
}

export function readClerkApiSettings(environment: Environment): Result<ClerkApiSettings> {
  const secretKey = readSecretKey(environment);
  if (!secretKey.ok) return secretKey;
  const apiUrl = readApiUrl(environment);
  return apiUrl.ok ? succeed({ secretKey: secretKey.value, apiUrl: apiUrl.value }) : apiUrl;
}

function readSecretKey(environment: Environment): Result<string> {
  const key = variable(environment, "CLERK_SECRET_KEY");
  if (!key) return misconfigured("CLERK_SECRET_KEY environment variable is required");
  if (!key.startsWith("sk_") || !fitsHeader(key)) {
    return misconfigured(
      "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)",
    );
  }
  return succeed(key);
}

function readApiUrl(environment: Environment): Result<string> {
  const url = webAddress(variable(environment, "CLERK_API_URL") ?? "https://api.clerk.com");
  if (url === undefined) return misconfigured("CLERK_API_URL must be an http or https address");
  // Clerk's documentation shows the address with the version, Clerk's own packages take it without.
  return succeed(url.replace(/\/v1$/, ""));
}
