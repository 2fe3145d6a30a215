import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { PublicJwk } from "../clerk/keys.ts";
import type { Keys } from "../keys/keys.ts";

/** Where the functions find the rest of the stack. */
export type FunctionEnvironmentOptions = {
  project: string;
  apiUrl: string;
  databaseUrl: string;
  clerkUrl: string;
  clerkJwk: PublicJwk;
  keys: Keys;
  /** False: `supabase/functions/.env` is left alone, as tests want it. */
  readSecretsFile: boolean;
  /** Values that win over all others; null takes a variable away. Read at every start. */
  overrides: Record<string, string | null>;
};

// The double is the only Clerk here; the keys of a real instance would have its tokens refused.
const ofTheDouble = new Set([
  "CLERK_SECRET_KEY",
  "CLERK_JWT_KEY",
  "CLERK_API_URL",
  "CLERK_INSTANCE_ID",
  "CLERK_ISSUER",
  "CLERK_WEBHOOK_SECRET",
  "CLERK_WEBHOOK_SIGNING_SECRET",
]);

/** The variables that a function starts with: the platform's and the project's secrets. */
export async function buildFunctionEnvironment(
  options: FunctionEnvironmentOptions,
): Promise<Record<string, string>> {
  const { keys, apiUrl, databaseUrl, clerkUrl, clerkJwk, overrides } = options;
  const environment: Record<string, string | null> = {
    ...(options.readSecretsFile ? await readSecretsFile(options.project) : {}),
    SUPABASE_URL: apiUrl,
    SUPABASE_ANON_KEY: keys.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_JWKS: JSON.stringify({ keys: [clerkJwk] }),
    SB_REGION: "local",
    SB_EXECUTION_ID: randomUUID(),
    CLERK_SECRET_KEY: keys.clerkSecretKey,
    CLERK_WEBHOOK_SECRET: keys.clerkWebhookSecret,
    CLERK_API_URL: clerkUrl,
    ...overrides,
  };
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => value === null ? [] : [[name, value]]),
  );
}

async function readSecretsFile(project: string): Promise<Record<string, string>> {
  const path = join(project, "supabase", "functions", ".env");
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) =>
      value === undefined || name.startsWith("SUPABASE_") || ofTheDouble.has(name)
        ? []
        : [[name, value]]
    ),
  );
}
