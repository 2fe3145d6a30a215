import { createDatabaseClient } from "../_shared/database/client.ts";
import { createGroupedCall } from "../_shared/database/grouped_calls.ts";
import { both } from "../_shared/failure.ts";
import { createConfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { readWebhookSettings } from "../_shared/settings/webhook.ts";
import { createSignatureVerifier } from "../_shared/webhook/signature.ts";
import { createClerkWebhook, endpoint } from "./handler.ts";

const environment = Deno.env.toObject();
const settings = both(readWebhookSettings(environment), readSupabaseSettings(environment));
const log = createLog("clerk-webhook");

Deno.serve(createConfigured(endpoint, log, settings, ([webhook, supabase]) => {
  const database = createDatabaseClient(supabase);
  return createClerkWebhook({
    verifySignature: createSignatureVerifier(webhook.secrets),
    instanceId: webhook.instanceId,
    writeFact: createGroupedCall({
      call: (items) => database.applyFacts(items, { returnUsers: false }),
    }),
    log,
  });
}));
