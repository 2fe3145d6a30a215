import { useAuth } from "@clerk/react";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { useMemo } from "react";
import { ClerkSilence } from "./clerk_silence.ts";

/** Milliseconds. By itself Clerk's package tries for minutes, while nobody knows what the page waits for. */
const longestForToken = 4000;

/**
 * A client that sends Clerk's session token, a fresh one with every call. A call fails with
 * `ClerkSilence` if Clerk gives none.
 */
export function useSupabase(): SupabaseClient {
  const { getToken } = useAuth();
  return useMemo(
    () =>
      createClient(
        import.meta.env.VITE_SUPABASE_URL,
        import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
        { accessToken: () => orSilence(getToken()) },
      ),
    [getToken],
  );
}

function orSilence<Token>(asked: Promise<Token>): Promise<Token> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ClerkSilence()), longestForToken);
    asked.then(resolve, (cause) => reject(new ClerkSilence({ cause })))
      .finally(() => clearTimeout(timer));
  });
}
