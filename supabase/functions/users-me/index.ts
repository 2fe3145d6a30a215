import { createFindKey } from "../_shared/clerk/keys.ts";
import { createDatabaseClient } from "../_shared/database/client.ts";
import { createMisconfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { createSessionVerifier } from "../_shared/session/session.ts";
import type { Environment } from "../_shared/settings/environment.ts";
import { readSessionSettings } from "../_shared/settings/session.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { createUsersMe, endpoint } from "./handler.ts";

Deno.serve(wire(Deno.env.toObject()));

function wire(environment: Environment) {
  const log = createLog("users-me");
  const supabase = readSupabaseSettings(environment);
  if (!supabase.ok) return createMisconfigured(endpoint, log, supabase.failure);
  const session = readSessionSettings(environment);
  if (!session.ok) return createMisconfigured(endpoint, log, session.failure);
  const { keys, ...checks } = session.value;
  return createUsersMe({
    verifySession: createSessionVerifier({ findKey: createFindKey(keys), ...checks }),
    database: createDatabaseClient(supabase.value),
    log,
  });
}
