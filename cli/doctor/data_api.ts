import { z } from "zod";
import { databaseFailure } from "../../supabase/functions/_shared/database/failure.ts";
import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { call, describeSilence, jsonOf } from "./call.ts";

/** What a function of the database returned, or why it did not. */
export type Returned =
  | { readonly rows: unknown }
  /** `missing`: the database lacks the function, or a table of this project's. */
  | { readonly problem: string; readonly missing: boolean; readonly refused: boolean };

/** Calls a function of the database as the service role, through the Data API. */
export type CallFunction = (
  name: string,
  parameters?: Readonly<Record<string, unknown>>,
) => Promise<Returned>;

const apiError = z.object({ code: z.string().optional(), message: z.string().optional() });

export function createCallFunction({ url, key }: SupabaseSettings): CallFunction {
  return async (name, parameters = {}) => {
    const called = await call(`${url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { ...keyHeaders(key), "content-type": "application/json" },
      body: JSON.stringify(parameters),
    });
    if (typeof called === "string") {
      return { problem: describeSilence(called), missing: false, refused: false };
    }
    const { status, text } = called;
    const body = jsonOf(text);
    if (status === 200 && body !== undefined) return { rows: body };
    const { code, message } = apiError.safeParse(body).data ?? {};
    const mapped = databaseFailure({ code, message }, status);
    const failure = mapped.ok ? undefined : mapped.failure;
    return {
      problem: `answers with HTTP ${status}${/^[A-Z0-9]{5,8}$/.test(code ?? "") ? ` ${code}` : ""}`,
      // Of the failures of an absent database, only this one has a hint: apply the migrations.
      missing: failure?.code === "database_unavailable" && failure.hint !== undefined,
      refused: failure?.code === "server_misconfigured" || code === "42501",
    };
  };
}

/** The headers that name a key. A new one is no token, and is not taken for one. */
export function keyHeaders(key: string): Record<string, string> {
  return key.startsWith("sb_") ? { apikey: key } : { apikey: key, authorization: `Bearer ${key}` };
}
