import { type Result, succeed } from "../failure.ts";
import { type Environment, misconfigured, variable, webAddress } from "./variable.ts";
import { readServiceKey } from "./service_key.ts";

export interface SupabaseSettings {
  /** Without a path, and without a slash at the end. */
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
  const address = webAddress(url);
  if (address === undefined) return misconfigured("SUPABASE_URL must be an http or https address");
  // What is at /rest/v1 and /functions/v1 would be looked for below that path.
  if (URL.parse(address)?.pathname !== "/") {
    return misconfigured("SUPABASE_URL must have no path, like https://PROJECT_REF.supabase.co");
  }
  return succeed({ url: address, ...key.value });
}
