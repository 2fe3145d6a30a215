import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type PostgresMajor, postgresMajor, usualPostgres } from "./binaries/postgres.ts";
import { parseTableSchema } from "./migrations/schema.ts";

/** Choices of the caller. Everything has a default. */
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
  /** Folder of bundles that take the sources' place, as `deno task bundle` makes them. */
  functionsBundles?: string;
  /** Settings of PostgreSQL, such as `{ fsync: "off" }`. */
  databaseSettings?: Record<string, string>;
  /**
   * Grant everything that migrations make in schema public to the API's roles automatically, as in projects made
   * before 2026-05-30. Takes effect only when the database is made. Default: false, as in newer projects.
   */
  automaticGrants?: boolean;
  /** Major version of PostgreSQL. Only the version that made a database can open it. Default: 17. */
  postgresMajor?: PostgresMajor;
  /** ICU locale that a new database sorts by, such as en-US. Default: none; it sorts by code point. */
  databaseLocale?: string;
  /** The schema of the tables. Default: public. */
  schema?: string;
  /** Variables of the functions; null removes one. Read at every start and restart of a function. */
  functionEnvironment?: Record<string, string | null>;
  /**
   * Use the developer's own Clerk instance in place of the double. Its keys, and the functions' secrets, are
   * read from `supabase/functions/.env`. Default false.
   */
  ownClerk?: boolean;
  /** Give the functions the secrets of `supabase/functions/.env`. Default false. */
  readSecretsFile?: boolean;
  /**
   * Start a function at its first request, and at the first after a restart, as the platform does. Default false:
   * they start with the stack, which reports a function that does not start.
   */
  functionsOnDemand?: boolean;
  /** Restart functions when their files change. Default false. */
  watch?: boolean;
  /** Waits before each retry of a webhook, in ms. Default: Svix' own. */
  webhookRetrySchedule?: number[];
  /** Called with what the stack does: downloads, restarts, failures. */
  print?(line: string): void;
  /** Called with the parts' log lines, which are also in `<directory>/logs`. */
  echo?(part: string, line: string): void;
  /** Aborts a start that is under way. */
  signal?: AbortSignal;
};

/** The checkout that contains this file. */
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
  LOCAL_FUNCTIONS_BUNDLES: z.string().optional(),
  LOCAL_POSTGRES: postgresMajor.default(usualPostgres),
});

/** Reads the options that the environment sets. */
export function readEnvironment(
  environment: Record<string, string> = Deno.env.toObject(),
): {
  directory: string;
  portBase: number;
  functionsDeno: string | undefined;
  functionsBundles: string | undefined;
  postgresMajor: PostgresMajor;
  schema: string;
} {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ message }) => message).join(". "));
  }
  const {
    LOCAL_DIR,
    LOCAL_PORT_BASE,
    LOCAL_FUNCTIONS_DENO,
    LOCAL_FUNCTIONS_BUNDLES,
    LOCAL_POSTGRES,
  } = parsed.data;
  return {
    directory: resolve(LOCAL_DIR),
    portBase: LOCAL_PORT_BASE,
    functionsDeno: LOCAL_FUNCTIONS_DENO,
    functionsBundles: LOCAL_FUNCTIONS_BUNDLES && resolve(LOCAL_FUNCTIONS_BUNDLES),
    postgresMajor: LOCAL_POSTGRES,
    schema: parseTableSchema(given["CLERK_SYNC_SCHEMA"]),
  };
}
