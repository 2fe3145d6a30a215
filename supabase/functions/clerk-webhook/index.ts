import { createDatabaseClient } from "../_shared/database/client.ts";
import { createMisconfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import type { Environment } from "../_shared/settings/environment.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { readWebhookSettings } from "../_shared/settings/webhook.ts";
import { createSignatureVerifier } from "../_shared/webhook/signature.ts";
import { createClerkWebhook, endpoint } from "./handler.ts";

Deno.serve(wire(Deno.env.toObject()));

function wire(environment: Environment) {
  const log = createLog("clerk-webhook");
  const webhook = readWebhookSettings(environment);
  if (!webhook.ok) return createMisconfigured(endpoint, log, webhook.failure);
  const supabase = readSupabaseSettings(environment);
  if (!supabase.ok) return createMisconfigured(endpoint, log, supabase.failure);
  return createClerkWebhook({
    verifySignature: createSignatureVerifier(webhook.value.secrets),
    instanceId: webhook.value.instanceId,
    database: createDatabaseClient(supabase.value),
    log,
  });
}
