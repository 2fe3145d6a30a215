import { randomUUID } from "node:crypto";
import type { ClerkSource } from "../clerk_source.ts";
import type { Keys } from "../keys/keys.ts";

export type FunctionEnvironmentOptions = {
  apiUrl: string;
  databaseUrl: string;
  clerk: Pick<ClerkSource, "jwks" | "environment">;
  keys: Keys;
  /** The project's own secrets. Called at every start of a function. */
  secrets(): Promise<Record<string, string>>;
  /** Values that win over all others; null removes a variable. */
  overrides: Record<string, string | null>;
};

/** The variables that a function starts with: the platform's and the project's secrets. */
export async function buildFunctionEnvironment(
  options: FunctionEnvironmentOptions,
): Promise<Record<string, string>> {
  const { keys, apiUrl, databaseUrl, clerk, overrides } = options;
  const environment: Record<string, string | null> = {
    ...await options.secrets(),
    SUPABASE_URL: apiUrl,
    SUPABASE_ANON_KEY: keys.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_JWKS: JSON.stringify({ keys: clerk.jwks }),
    CLERK_RECONCILE_KEY: keys.clerkReconcileKey,
    SB_REGION: "local",
    SB_EXECUTION_ID: randomUUID(),
    ...clerk.environment,
    ...overrides,
  };
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => value === null ? [] : [[name, value]]),
  );
}
