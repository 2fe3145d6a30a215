import { join } from "node:path";
import { readClerkApiSettings } from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { readWebhookSecrets } from "../../supabase/functions/_shared/settings/webhook.ts";
import type { Result } from "../../supabase/functions/_shared/failure.ts";
import { parseDotenv } from "../functions/secrets_file.ts";
import { ifPresent } from "../presence.ts";

/** What a stack needs to know of the developer's own Clerk instance. */
export type OwnSettings = {
  apiUrl: string;
  secretKey: string;
  /** One or several signing secrets, separated by spaces; undefined: not configured yet. */
  webhookSecret: string | undefined;
  /** The instance's public key (PEM). */
  jwtKey: string | undefined;
};

/** Relative to the project. */
export const secretsFile = "supabase/functions/.env";
const where = "of your Clerk development instance (sk_test_…; in Clerk: Configure, API keys)";

/**
 * Reads the keys of the developer's own instance from a project's `supabase/functions/.env`.
 *
 * @throws Error that says what is missing or wrong, and never quotes a key
 */
export async function readOwnSettings(project: string): Promise<OwnSettings> {
  const text = await ifPresent(Deno.readTextFile(join(project, secretsFile)));
  if (text === undefined) {
    throw new Error(
      `There is no ${secretsFile}. Copy .env.example to it and fill in CLERK_SECRET_KEY, the secret key ${where}`,
    );
  }
  const environment = parseDotenv(text);
  requireDevelopmentKey(environment);
  const { apiUrl, secretKey } = valueOf(readClerkApiSettings(environment));
  return {
    apiUrl,
    secretKey,
    webhookSecret: readWebhookSecret(environment),
    jwtKey: variable(environment, "CLERK_JWT_KEY"),
  };
}

function requireDevelopmentKey(environment: Environment) {
  const key = variable(environment, "CLERK_SECRET_KEY");
  if (key === undefined) {
    throw new Error(`${secretsFile} has no CLERK_SECRET_KEY. Fill in the secret key ${where}`);
  }
  if (!key.startsWith("sk_live_")) return;
  throw new Error(
    `CLERK_SECRET_KEY in ${secretsFile} is a production key (sk_live_…), which would bring the data of ` +
      `real users onto this machine. Use the secret key ${where}`,
  );
}

function readWebhookSecret(environment: Environment): string | undefined {
  const names = ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"];
  if (names.every((name) => variable(environment, name) === undefined)) return undefined;
  return valueOf(readWebhookSecrets(environment)).join(" ");
}

function valueOf<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw new Error(`${secretsFile}: ${result.failure.message}`);
}
