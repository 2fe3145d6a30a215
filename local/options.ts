import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type PostgresMajor, postgresMajor, usualPostgres } from "./binaries/postgres.ts";
import { parseTableSchema } from "./migrations/schema.ts";

/** What a caller may choose; everything has a default. */
export type StackOptions = {
  /** Folder of the stack's data, keys and logs. Default: `.local` in the checkout. */
  directory?: string;
  /** The API's port; database, console and Clerk follow it. Default 54321. */
  portBase?: number;
  /** Begin with an empty database and no Clerk users. The keys stay. */
  fresh?: boolean;
  /** Folder that contains `supabase/` and `import_map.json`. Default: this checkout. */
  project?: string;
  /** Version of the Deno that runs the functions. Default: the one that runs the stack. */
  functionsDeno?: string;
  /** Settings of PostgreSQL, such as `{ fsync: "off" }`. */
  databaseSettings?: Record<string, string>;
  /**
   * Grant whatever migrations make in schema public to the API's roles by itself, as projects do that were made
   * before 2026-05-30. It holds for a database that is made with it. Default: false, as in projects made since.
   */
  automaticGrants?: boolean;
  /** Major version of PostgreSQL. Another than a database was made with cannot open it. Default: 17. */
  postgresMajor?: PostgresMajor;
  /** ICU locale that a new database sorts by, such as en-US. Default: none, sorting is by code point. */
  databaseLocale?: string;
  /** The schema of the tables. Default: public. */
  schema?: string;
  /** Variables of the functions; null takes one away. Read again at every (re)start of a function. */
  functionEnvironment?: Record<string, string | null>;
  /** Give the functions the secrets of `supabase/functions/.env`. Default false. */
  readSecretsFile?: boolean;
  /** Start functions again when their files change. Default false. */
  watch?: boolean;
  /** Waits before each retry of a webhook, in ms. Default: as Svix has them. */
  webhookRetrySchedule?: number[];
  /** Hears what the stack does: downloads, restarts, failures. Default: nobody. */
  print?(line: string): void;
  /** Hears what the parts log. Default: nobody; it is in `<directory>/logs` in any case. */
  echo?(part: string, line: string): void;
  /** Gives up a start that is under way. */
  signal?: AbortSignal;
};

/** The checkout that this file is part of. */
export const checkout: string = dirname(dirname(fileURLToPath(import.meta.url)));

const environmentSchema = z.object({
  LOCAL_PORT_BASE: z.coerce.number({
    error: "LOCAL_PORT_BASE must be a port number, such as 54321",
  })
    .int().min(1024).max(65_532).default(54_321),
  LOCAL_DIR: z.string().min(1).default(join(checkout, ".local")),
  LOCAL_FUNCTIONS_DENO: z.string().regex(/^\d+\.\d+\.\d+$/, {
    error: "LOCAL_FUNCTIONS_DENO must be an exact version, such as 2.1.4",
  }).optional(),
  LOCAL_POSTGRES: postgresMajor.default(usualPostgres),
});

/** Reads the choices that the environment makes. */
export function readEnvironment(
  environment: Record<string, string> = Deno.env.toObject(),
): {
  directory: string;
  portBase: number;
  functionsDeno: string | undefined;
  postgresMajor: PostgresMajor;
  schema: string;
} {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ message }) => message).join(". "));
  }
  const { LOCAL_DIR, LOCAL_PORT_BASE, LOCAL_FUNCTIONS_DENO, LOCAL_POSTGRES } = parsed.data;
  return {
    directory: resolve(LOCAL_DIR),
    portBase: LOCAL_PORT_BASE,
    functionsDeno: LOCAL_FUNCTIONS_DENO,
    postgresMajor: LOCAL_POSTGRES,
    schema: parseTableSchema(given["CLERK_SYNC_SCHEMA"]),
  };
}
