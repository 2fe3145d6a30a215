import { createAbsenceProof } from "../_shared/clerk/absence.ts";
import { createClerkApi } from "../_shared/clerk/api.ts";
import { createClerkKeys, createFindKey } from "../_shared/clerk/keys.ts";
import { createClerkUsers } from "../_shared/clerk/users.ts";
import { createDatabaseClient } from "../_shared/database/client.ts";
import { createMisconfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { createSessionVerifier } from "../_shared/session/session.ts";
import { readClerkApiSettings } from "../_shared/settings/clerk_api.ts";
import type { Environment } from "../_shared/settings/environment.ts";
import { readSessionSettings } from "../_shared/settings/session.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { createUsersSync, endpoint } from "./handler.ts";
import { createReadLimit } from "./read_limit.ts";
import { createUserReader } from "./read_user.ts";

Deno.serve(wire(Deno.env.toObject()));

function wire(environment: Environment) {
  const log = createLog("users-sync");
  const supabase = readSupabaseSettings(environment);
  if (!supabase.ok) return createMisconfigured(endpoint, log, supabase.failure);
  const clerk = readClerkApiSettings(environment);
  if (!clerk.ok) return createMisconfigured(endpoint, log, clerk.failure);
  const session = readSessionSettings(environment);
  if (!session.ok) return createMisconfigured(endpoint, log, session.failure);
  const api = createClerkApi(clerk.value);
  const instanceKeys = createClerkKeys(api);
  const { keys, ...checks } = session.value;
  const findKey = "pem" in keys ? createFindKey(keys) : instanceKeys.find;
  return createUsersSync({
    verifySession: createSessionVerifier({ findKey, ...checks }),
    readUser: createUserReader({
      readClerkUser: createClerkUsers(api),
      proveAbsence: createAbsenceProof(api, instanceKeys.readIds),
      takeRead: createReadLimit(),
    }),
    database: createDatabaseClient(supabase.value),
    log,
  });
}
