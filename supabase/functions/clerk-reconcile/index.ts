import { both } from "../_shared/failure.ts";
import { createConfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { advanceSlice } from "../_shared/reconcile/slice.ts";
import { readClerkApiSettings } from "../_shared/settings/clerk_api.ts";
import { readReconcileKey } from "../_shared/settings/reconcile.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { readInstanceId } from "../_shared/settings/webhook.ts";
import { createClerkReconcile, endpoint } from "./handler.ts";

const environment = Deno.env.toObject();
const settings = both(
  readReconcileKey(environment),
  both(
    readSupabaseSettings(environment),
    both(readClerkApiSettings(environment), readInstanceId(environment)),
  ),
);
const log = createLog("clerk-reconcile");

Deno.serve(
  createConfigured(
    endpoint,
    log,
    settings,
    ([key, [supabase, [clerk, instanceId]]]) =>
      createClerkReconcile({
        key,
        advance: (kind) => advanceSlice(kind, { clerk, instanceId, supabase }),
        log,
      }),
  ),
);
