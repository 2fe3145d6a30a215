import { type Result, succeed } from "../failure.ts";
import { type Environment, isWebAddress, misconfigured, variable } from "./variable.ts";
import { readServiceKey } from "./service_key.ts";

export interface SupabaseSettings {
  readonly url: string;
  /** The service-role (secret) key. */
  readonly key: string;
  /** The variable that the key was read from. Undefined if it did not come from the environment. */
  readonly keyVariable?: string;
}

export function readSupabaseSettings(environment: Environment): Result<SupabaseSettings> {
  const url = variable(environment, "SUPABASE_URL");
  const key = readServiceKey(environment);
  if (!key.ok) return key;
  if (!url || !key.value) {
    return misconfigured("SUPABASE_URL and SUPABASE_KEY environment variables are required");
  }
  if (!isWebAddress(url)) return misconfigured("SUPABASE_URL must be an http or https address");
  return succeed({ url, ...key.value });
}
