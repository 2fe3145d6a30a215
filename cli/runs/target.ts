import { join, resolve } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { parseDotenv } from "../../local/functions/secrets_file.ts";
import { readEnvironment } from "../../local/options.ts";
import { readRunningValues } from "../../local/running_values.ts";
import { meaningOf, type Result } from "../../supabase/functions/_shared/failure.ts";
import {
  type ClerkApiSettings,
  readClerkApiSettings,
} from "../../supabase/functions/_shared/settings/clerk_api.ts";
import {
  readSupabaseSettings,
  type SupabaseSettings,
} from "../../supabase/functions/_shared/settings/supabase.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";

/** The project and the Clerk instance that a command works on. */
export interface Target {
  readonly supabase: SupabaseSettings;
  readonly clerk: ClerkApiSettings;
  /** Whether it is the local stack. */
  readonly local: boolean;
}

const secretsFile = "supabase/functions/.env";
const ofTheProject = [
  "SUPABASE_URL",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
  "SUPABASE_KEY",
];

/**
 * Finds out which project and instance are meant: those that the environment and the file name, or,
 * if they name none, the local stack that runs.
 *
 * @param file as given; default `supabase/functions/.env` of the folder, if there is one
 * @throws Error that names what is missing, and quotes no value
 */
export async function readTarget(folder: string, file: string | undefined): Promise<Target> {
  const text = await ifPresent(Deno.readTextFile(resolve(folder, file ?? secretsFile)));
  if (text === undefined && file !== undefined) throw new Error(`There is no ${file}`);
  const environment: Environment = { ...parseDotenv(text ?? ""), ...Deno.env.toObject() };
  const isGiven = (name: string) => variable(environment, name) !== undefined;
  if (!ofTheProject.some(isGiven) && !isGiven("CLERK_SECRET_KEY")) return await localTarget();
  const where = file ?? (text === undefined ? "the environment" : join(folder, secretsFile));
  const missing = [
    ...(isGiven("SUPABASE_URL") ? [] : ["SUPABASE_URL"]),
    ...(ofTheProject.slice(1).some(isGiven) ? [] : ["SUPABASE_KEY (the project's secret key)"]),
    ...(isGiven("CLERK_SECRET_KEY") ? [] : ["CLERK_SECRET_KEY"]),
  ];
  if (missing.length > 0) {
    throw new Error(
      `${where} names only a part of the project: ${missing.join(", ")} missing. ` +
        "Give all in the environment or with --env-file FILE, or none, for the local stack",
    );
  }
  return {
    supabase: valueOf(readSupabaseSettings(environment)),
    clerk: valueOf(readClerkApiSettings(environment)),
    local: false,
  };
}

async function localTarget(): Promise<Target> {
  const values = await readRunningValues(readEnvironment().directory).catch((error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${reason}, or name a project: SUPABASE_URL, SUPABASE_KEY and CLERK_SECRET_KEY in the ` +
        "environment or in --env-file FILE",
    );
  });
  return {
    supabase: { url: values.API_URL, key: values.SERVICE_ROLE_KEY },
    clerk: { apiUrl: values.CLERK_API_URL, secretKey: values.CLERK_SECRET_KEY },
    local: true,
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
