import { createClient } from "@supabase/supabase-js";
import type { SupabaseSettings } from "../settings/supabase.ts";
import type { Database } from "./database.types.ts";

/** A client with the secret key. It retries nothing: that is for its callers to decide. */
export function createSupabaseClient({ url, key }: SupabaseSettings) {
  return createClient<Database>(url, key, {
    // Without it, supabase-js would look for a signed-in user before every call.
    accessToken: () => Promise.resolve(key),
    // supabase-js would retry reads for 5 s.
    db: { retry: false },
  });
}

export type SupabaseClient = ReturnType<typeof createSupabaseClient>;
