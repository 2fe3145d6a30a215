import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { failed, ok, type Outcome } from "./check.ts";
import { type CallFunction, createCallFunction } from "./data_api.ts";

/** The database as the Data API shows it to the service role. */
export interface ReachedDatabase {
  readonly call: CallFunction;
  /** The row of clerk_sync_status(). Undefined if the database lacks it. */
  readonly status: unknown;
}

/** Whether the Data API takes the secret key and the database answers. */
export async function checkDatabase(settings: SupabaseSettings): Promise<Outcome<ReachedDatabase>> {
  const call = createCallFunction(settings);
  const returned = await call("clerk_sync_status");
  if ("rows" in returned) {
    const [status] = Array.isArray(returned.rows) ? returned.rows : [];
    return answers(call, status);
  }
  if (returned.missing) return answers(call, undefined);
  if (returned.refused) {
    return failed(
      "The Data API refuses the secret key",
      "Copy the secret key again from the Supabase dashboard: Project Settings, API Keys. It must be of " +
        "the project in SUPABASE_URL",
    );
  }
  return failed(
    `The Data API ${returned.problem}`,
    "Look whether the project is paused (Supabase dashboard), and at SUPABASE_URL",
  );
}

function answers(call: CallFunction, status: unknown): Outcome<ReachedDatabase> {
  return ok("The Data API answers to the service role", { call, status });
}
