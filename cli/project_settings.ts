import { relative, resolve } from "node:path";
import { readEnvironment } from "../local/options.ts";
import { secretsFile } from "../local/own_instance/settings.ts";
import { ifPresent } from "../local/presence.ts";
import { readRunningValues } from "../local/running_values.ts";
import type { StackValues } from "../local/values.ts";
import { type Environment, variable } from "../supabase/functions/_shared/settings/variable.ts";
import { overFile } from "./variables.ts";

/** The project that an operation works on. */
export interface ProjectSettings {
  /** The variables of the functions, and those that only operations need. */
  readonly environment: Environment;
  /** Where they are from, for people: "the local stack", or the names of their sources. */
  readonly source: string;
  readonly local: boolean;
}

export interface ProjectChoice {
  /** Where the command was typed. */
  readonly folder: string;
  /** A file of variables, by `--env-file`. Default: the folder's `supabase/functions/.env`. */
  readonly envFile?: string | undefined;
  readonly environment?: Record<string, string>;
}

/** Any of these chooses a project. Without them, it is the local stack that runs. */
const choosing = [
  "SUPABASE_URL",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
  "SUPABASE_KEY",
  "DB_CONNECTION_STRING",
];

/**
 * Reads the variables of the project that was chosen: those of the environment, then those of the file.
 * If neither names a Supabase project, takes those of the local stack. Whether they are complete is for
 * the caller to say.
 *
 * @throws Error with what to do if there is no such file, or nothing names a project and no stack runs
 */
export async function readProjectSettings(
  { folder, envFile, environment = Deno.env.toObject() }: ProjectChoice,
): Promise<ProjectSettings> {
  const path = resolve(folder, envFile ?? secretsFile);
  const text = await ifPresent(Deno.readTextFile(path));
  if (text === undefined && envFile !== undefined) {
    throw new Error(`There is no file ${path}. Give another with --env-file`);
  }
  const given = overFile(text, environment);
  const chosen = envFile !== undefined || choosing.some((name) => variable(given, name));
  if (!chosen) return await readLocalStack(environment);
  const file = text === undefined ? [] : [relative(folder, path)];
  return { environment: given, source: ["the environment", ...file].join(" and "), local: false };
}

async function readLocalStack(environment: Record<string, string>): Promise<ProjectSettings> {
  const { directory } = readEnvironment(environment);
  try {
    const values = await readRunningValues(directory);
    return { environment: variablesOf(values), source: "the local stack", local: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(
      `${error.message}, or name a project: set SUPABASE_URL, SUPABASE_KEY (its secret key) and ` +
        "CLERK_SECRET_KEY, or give a file that has them with --env-file",
    );
  }
}

/** The stack's values under the names that a project's have. */
export function variablesOf(values: StackValues): Environment {
  return {
    SUPABASE_URL: values.API_URL,
    SUPABASE_KEY: values.SECRET_KEY,
    SUPABASE_PUBLISHABLE_KEY: values.PUBLISHABLE_KEY,
    DB_CONNECTION_STRING: values.DB_URL,
    CLERK_API_URL: values.CLERK_API_URL,
    CLERK_SECRET_KEY: values.CLERK_SECRET_KEY,
    CLERK_WEBHOOK_SECRET: values.CLERK_WEBHOOK_SECRET,
    CLERK_INSTANCE_ID: values.CLERK_INSTANCE_ID,
    CLERK_JWT_KEY: values.CLERK_JWT_KEY,
  };
}
