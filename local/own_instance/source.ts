import { z } from "zod";
import { type ClerkApi, createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import type { Failure } from "../../supabase/functions/_shared/failure.ts";
import { exportPublicPem } from "../clerk/keys/instance_key.ts";
import { type ClerkSource, escapeNewlines } from "../clerk_source.ts";
import { readOwnSettings, secretsFile } from "./settings.ts";

const instance = z.object({ id: z.string().min(1) });
const keySet = z.object({ keys: z.array(z.unknown()) });
const rsaKey = z.object({
  kid: z.string(),
  kty: z.literal("RSA"),
  alg: z.literal("RS256").default("RS256"),
  use: z.literal("sig").default("sig"),
  n: z.string(),
  e: z.string(),
});

/**
 * Reads the developer's own Clerk instance: its keys from `supabase/functions/.env`, and its id and
 * public keys from Clerk.
 *
 * @throws Error with what to do if a key is missing or wrong, or Clerk cannot be reached
 */
export async function readOwnInstance(project: string): Promise<ClerkSource> {
  const settings = await readOwnSettings(project);
  const { apiUrl, secretKey, webhookSecret = "" } = settings;
  const api = createClerkApi(settings);
  const { id } = await read(api, apiUrl, "instance", instance);
  const { keys } = await read(api, apiUrl, "jwks", keySet);
  const [first, ...others] = keys.flatMap((key) => rsaKey.safeParse(key).data ?? []);
  if (first === undefined) throw new Error(`The Clerk instance at ${apiUrl} has no RSA key`);
  const pinned = { CLERK_API_URL: apiUrl, CLERK_SECRET_KEY: secretKey };
  return {
    jwks: [first, ...others],
    // Only these two: another instance's rows must not come into this database while it runs.
    environment: pinned,
    values: {
      ...pinned,
      CLERK_WEBHOOK_SECRET: webhookSecret,
      CLERK_INSTANCE_ID: id,
      CLERK_JWT_KEY: escapeNewlines(settings.jwtKey ?? await exportPublicPem(first)),
    },
  };
}

async function read<Value>(
  api: ClerkApi,
  apiUrl: string,
  path: string,
  schema: z.ZodType<Value>,
): Promise<Value> {
  const answer = await api.read(path);
  if (!answer.ok) throw new Error(explain(answer.failure, apiUrl));
  const parsed = schema.safeParse(answer.value);
  if (parsed.success) return parsed.data;
  throw new Error(`${apiUrl} does not answer as Clerk does. Check CLERK_API_URL in ${secretsFile}`);
}

function explain({ code, retryAfter, reason = "" }: Failure, apiUrl: string): string {
  if (code === "server_misconfigured") {
    return `Clerk refused CLERK_SECRET_KEY in ${secretsFile}. Copy the key again (in Clerk: Configure, API keys)`;
  }
  if (code === "clerk_rate_limited") {
    return `Clerk's rate limit is reached. Start again in ${retryAfter ?? 10} s`;
  }
  const [status] = /HTTP \d+/.exec(reason) ?? [];
  return `Clerk cannot be reached at ${apiUrl}${status === undefined ? "" : ` (${status})`}. ` +
    `Check the network, and CLERK_API_URL in ${secretsFile} if it is set`;
}
