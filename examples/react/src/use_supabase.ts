import { useAuth } from "@clerk/react";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { useMemo } from "react";

/** A client that sends Clerk's session token, a fresh one with every call. */
export function useSupabase(): SupabaseClient {
  const { getToken } = useAuth();
  return useMemo(
    () =>
      createClient(
        import.meta.env.VITE_SUPABASE_URL,
        import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
        { accessToken: () => getToken() },
      ),
    [getToken],
  );
}
