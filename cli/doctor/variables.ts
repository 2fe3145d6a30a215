import { z } from "zod";
import { decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import { both, meaningOf, type Result } from "../../supabase/functions/_shared/failure.ts";
import {
  type ClerkApiSettings,
  readClerkApiSettings,
} from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { readSessionSettings } from "../../supabase/functions/_shared/settings/session.ts";
import {
  readSupabaseSettings,
  type SupabaseSettings,
} from "../../supabase/functions/_shared/settings/supabase.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { readWebhookSettings } from "../../supabase/functions/_shared/settings/webhook.ts";
import { failed, ok, type Outcome } from "./check.ts";
import { projectRefOf } from "../hosted/project_ref.ts";

const supabaseKeys = "Take both from the Supabase dashboard: Project Settings, API Keys";
const clerkKeys = "Copy it from Clerk: Configure, API keys";
const secret = "Copy the endpoint's signing secret from Clerk: Configure, Webhooks, your endpoint";
/** What to do about a variable that holds none of Clerk's keys. */
const ownRemedies = [
  ["CLERK_AUTHORIZED_PARTIES", "Give your frontends' origins: https://app.example.com"],
  ["CLERK_ISSUER", "Copy the Frontend API URL from Clerk: Configure, Domains. Or unset it"],
  ["CLERK_API_URL", "Unset it: Clerk's own address is the default"],
  ["CLERK_INSTANCE_ID", "Take the id from the instance_id of an event, or unset it"],
] as const;

/** SUPABASE_URL and the secret key: there, of the right kind, and of one project. */
export function checkSupabaseVariables(environment: Environment): Outcome<SupabaseSettings> {
  const settings = readSupabaseSettings(environment);
  if (!settings.ok) return failed(messageOf(settings), supabaseKeys);
  const { url, key } = settings.value;
  const ref = projectRefOf(url);
  const keyRef = refIn(key);
  if (ref !== undefined && keyRef !== undefined && ref !== keyRef) {
    return failed("The secret key is of another project than SUPABASE_URL", supabaseKeys);
  }
  return ok("SUPABASE_URL and a secret key are there", settings.value);
}

/** What the functions read of Clerk's variables, except for webhooks. */
export function checkClerkVariables(environment: Environment): Outcome<ClerkApiSettings> {
  const settings = both(readClerkApiSettings(environment), readSessionSettings(environment));
  if (!settings.ok) return failMisconfigured(settings, clerkKeys);
  return ok("CLERK_SECRET_KEY is there", settings.value[0]);
}

/** The signing secrets. */
export function checkWebhookVariables(environment: Environment): Outcome<readonly string[]> {
  const settings = readWebhookSettings(environment);
  if (!settings.ok) return failMisconfigured(settings, secret);
  const { secrets } = settings.value;
  return ok(
    secrets.length === 1
      ? "CLERK_WEBHOOK_SECRET is there"
      : `CLERK_WEBHOOK_SECRET has ${secrets.length} secrets`,
    secrets,
  );
}

/** @param usual what to do if the variable has no remedy of its own */
function failMisconfigured(
  result: Extract<Result<unknown>, { ok: false }>,
  usual: string,
): Outcome<never> {
  const message = messageOf(result);
  const [, remedy = usual] = ownRemedies.find(([name]) => message.startsWith(name)) ?? [];
  return failed(message, remedy);
}

/** These messages name variables and quote no value. */
function messageOf(result: Extract<Result<unknown>, { ok: false }>): string {
  return meaningOf(result.failure).message;
}

const claims = z.object({ ref: z.string() });

/** The project that a legacy key names. */
function refIn(key: string): string | undefined {
  try {
    const payload = new TextDecoder().decode(decodeBase64Url(key.split(".")[1] ?? ""));
    return claims.safeParse(JSON.parse(payload)).data?.ref;
  } catch {
    return undefined;
  }
}

/** The publishable key, or the legacy anon key. Undefined if neither is given. */
export function readPublishableKey(environment: Environment): string | undefined {
  return variable(environment, "SUPABASE_PUBLISHABLE_KEY") ??
    variable(environment, "SUPABASE_ANON_KEY");
}
