import { meaningOf, type Result } from "../../supabase/functions/_shared/failure.ts";
import {
  type ClerkApiSettings,
  readClerkApiSettings,
} from "../../supabase/functions/_shared/settings/clerk_api.ts";
import {
  readSupabaseSettings,
  type SupabaseSettings,
} from "../../supabase/functions/_shared/settings/supabase.ts";
import { readInstanceId } from "../../supabase/functions/_shared/settings/webhook.ts";
import { variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { readProjectSettings } from "../project_settings.ts";

/** The project and the Clerk instance that a command works on. */
export interface Target {
  readonly supabase: SupabaseSettings;
  readonly clerk: ClerkApiSettings;
  /** The instance that CLERK_INSTANCE_ID names. */
  readonly instanceId?: string | undefined;
  /** Whether it is the local stack. */
  readonly local: boolean;
}

/** What a project needs. Any of the variables will do. */
const needed = [
  { names: ["SUPABASE_URL"], called: "SUPABASE_URL" },
  {
    names: ["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_KEY"],
    called: "SUPABASE_KEY (the project's secret key)",
  },
  { names: ["CLERK_SECRET_KEY"], called: "CLERK_SECRET_KEY" },
];

/**
 * Finds out which project and instance are meant.
 *
 * @param envFile as given
 * @throws Error that names what is missing, and quotes no value
 */
export async function readTarget(folder: string, envFile: string | undefined): Promise<Target> {
  const { environment, source, local } = await readProjectSettings({ folder, envFile });
  const missing = needed
    .filter(({ names }) => names.every((name) => variable(environment, name) === undefined))
    .map(({ called }) => called);
  if (missing.length > 0) {
    throw new Error(
      `A part of the project is missing in ${source}: ${missing.join(", ")}. Give all in the ` +
        "environment or with --env-file FILE, or none, for the local stack",
    );
  }
  return {
    supabase: valueOf(readSupabaseSettings(environment)),
    clerk: valueOf(readClerkApiSettings(environment)),
    instanceId: valueOf(readInstanceId(environment)),
    local,
  };
}

/** @throws Error for a setting that is wrong */
function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(meaningOf(result.failure).message);
}

/** Names the hosts, and nothing else. */
export function describeTarget({ supabase, clerk, local }: Target): string {
  const kind = clerk.secretKey.startsWith("sk_live_") ? "production" : "development";
  const where = local ? "the local stack, " : "";
  return `From Clerk (${new URL(clerk.apiUrl).host}, a ${kind} instance) to ${where}${
    new URL(supabase.url).host
  }`;
}
