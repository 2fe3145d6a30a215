import { FunctionsHttpError, type SupabaseClient } from "@supabase/supabase-js";
import { ClerkSilence } from "./clerk_silence.ts";

/** The columns of `public.users` that this example uses. */
export interface User {
  id: string;
  clerk_id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  metadata: Record<string, unknown>;
  created_at: string;
  synced_at: string;
}

export interface Organization {
  clerk_id: string;
  name: string;
  role: string;
}

/** Why a function gave no user. */
export interface Problem {
  /** One of those in docs/api.md, or `unreachable`, or `unknown` if something else has answered. */
  code: string;
  message: string;
  /** Whether it may soon be over, so that it is worth asking again. */
  passing: boolean;
  /** Seconds to wait before. */
  retryAfter: number;
}

/** What a function answers: the user, or a problem. Only users-me names the organizations. */
export interface Answer {
  user?: User;
  organizations?: Organization[];
  problem?: Problem;
}

/** Calls a function as the signed-in user. */
export async function callFunction(
  supabase: SupabaseClient,
  name: "users-sync" | "users-me",
  signal: AbortSignal,
): Promise<Answer> {
  const { data, error } = await supabase.functions.invoke<Answer>(name, {
    signal,
  });
  if (data) return data;
  if (!(error instanceof FunctionsHttpError)) {
    const isClerk = error?.context instanceof ClerkSilence;
    return {
      problem: {
        code: "unreachable",
        message: isClerk ? error.context.message : "No connection",
        passing: true,
        retryAfter: 0,
      },
    };
  }
  const { status, headers }: Response = error.context;
  const body: { error?: { code: string; message: string } } = await error
    .context.json()
    .catch(() => ({}));
  const { code = "unknown", message = `${name} answers ${status}` } = body.error ?? {};
  return {
    problem: {
      code,
      message,
      // 401: the token may have expired on its way.
      passing: status >= 500 || status === 429 || status === 401,
      retryAfter: Number(headers.get("retry-after")),
    },
  };
}
