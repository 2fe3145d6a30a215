import { decodeBase64 } from "../base64.ts";
import { type Result, succeed } from "../failure.ts";
import { type Environment, misconfigured, variable } from "./variable.ts";

export interface WebhookSettings {
  /** Signing secrets (whsec_…): one, or several during a rotation. */
  readonly secrets: readonly string[];
  /** Events of any other Clerk instance are refused. Undefined: not checked. */
  readonly instanceId: string | undefined;
}

/** Bytes. Svix' own secrets have 24. Shorter ones than 16 can be guessed. */
const shortestSecret = 16;

export function readWebhookSettings(environment: Environment): Result<WebhookSettings> {
  const secrets = readWebhookSecrets(environment);
  if (!secrets.ok) return secrets;
  const instanceId = readInstanceId(environment);
  return instanceId.ok
    ? succeed({ secrets: secrets.value, instanceId: instanceId.value })
    : instanceId;
}

/**
 * Reads CLERK_INSTANCE_ID. Events of another instance are discarded for good, so one that cannot be
 * an instance's id must not be compared with any.
 */
export function readInstanceId(environment: Environment): Result<string | undefined> {
  const id = variable(environment, "CLERK_INSTANCE_ID");
  if (id === undefined || /^ins_\w+$/.test(id)) return succeed(id);
  return misconfigured("CLERK_INSTANCE_ID must be the id of one Clerk instance (ins_…)");
}

/**
 * Reads the signing secrets in CLERK_WEBHOOK_SECRET and CLERK_WEBHOOK_SIGNING_SECRET. Each may hold
 * several, separated by spaces or commas. All are tried, so that a rotation loses nothing.
 */
export function readWebhookSecrets(environment: Environment): Result<readonly string[]> {
  const all = new Set<string>();
  for (const name of ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"]) {
    const secrets = variable(environment, name)?.split(/[\s,]+/).filter((text) => text !== "") ??
      [];
    if (!secrets.every(isSigningSecret)) {
      return misconfigured(`${name} must be the endpoint's signing secret (whsec_…)`);
    }
    for (const secret of secrets) all.add(secret);
  }
  if (all.size === 0) return misconfigured("CLERK_WEBHOOK_SECRET environment variable is required");
  return succeed([...all]);
}

function isSigningSecret(text: string): boolean {
  if (!text.startsWith("whsec_")) return false;
  try {
    return decodeBase64(text.slice("whsec_".length)).length >= shortestSecret;
  } catch {
    return false;
  }
}
