import * as z from "zod/mini";
import { decodeBase64Url } from "../base64.ts";
import { type Result, succeed } from "../failure.ts";
import { type Environment, fitsHeader, misconfigured, variable } from "./variable.ts";

/** The service-role (secret) key. */
export interface ServiceKey {
  readonly key: string;
  /** The variable that it was read from. */
  readonly keyVariable: string;
}

const secretKeys = z.record(z.string(), z.string());
const claims = z.object({ role: z.string() });

/**
 * Reads the key that the platform injects (the default of SUPABASE_SECRET_KEYS, else the legacy
 * service-role key), else the one set by hand as SUPABASE_KEY. Undefined if there is none.
 *
 * @returns `server_misconfigured`, naming the variable, if the key is not a service-role key
 */
export function readServiceKey(environment: Environment): Result<ServiceKey | undefined> {
  const keys = readSecretKeys(variable(environment, "SUPABASE_SECRET_KEYS"));
  if (!keys) {
    return misconfigured(
      'SUPABASE_SECRET_KEYS must be a JSON object like {"default":"sb_secret_…"}',
    );
  }
  const candidates = [
    ["SUPABASE_SECRET_KEYS", keys["default"] ?? Object.values(keys)[0]],
    ["SUPABASE_SERVICE_ROLE_KEY", variable(environment, "SUPABASE_SERVICE_ROLE_KEY")],
    ["SUPABASE_KEY", variable(environment, "SUPABASE_KEY")],
  ] as const;
  const [keyVariable, key] = candidates.find(([, value]) => value) ?? [];
  if (!keyVariable || !key) return succeed(undefined);
  if (isServiceKey(key)) return succeed({ key, keyVariable });
  return misconfigured(
    `${keyVariable} must be the service-role (secret) key, not an anon or publishable key`,
  );
}

function readSecretKeys(text: string | undefined): Record<string, string> | undefined {
  if (!text) return {};
  try {
    return secretKeys.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isServiceKey(key: string): boolean {
  return fitsHeader(key) && (key.startsWith("sb_secret_") || roleOf(key) === "service_role");
}

/** The role in a legacy key, which is a JWT. PostgREST checks its signature. */
function roleOf(jwt: string): string | undefined {
  try {
    const payload = new TextDecoder().decode(decodeBase64Url(jwt.split(".")[1] ?? ""));
    return claims.safeParse(JSON.parse(payload)).data?.role;
  } catch {
    return undefined;
  }
}
