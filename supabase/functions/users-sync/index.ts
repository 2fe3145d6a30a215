import { createAbsenceProof } from "../_shared/clerk/absence.ts";
import { createClerkApi } from "../_shared/clerk/api.ts";
import { createClerkKeys, createFindKey } from "../_shared/clerk/keys.ts";
import { createClerkUsers } from "../_shared/clerk/users.ts";
import { createDatabaseClient } from "../_shared/database/client.ts";
import { createGroupedCall } from "../_shared/database/grouped_calls.ts";
import { both } from "../_shared/failure.ts";
import { createConfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { createSessionVerifier } from "../_shared/session/session.ts";
import { readClerkApiSettings } from "../_shared/settings/clerk_api.ts";
import { readSessionSettings } from "../_shared/settings/session.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { createUsersSync, endpoint } from "./handler.ts";
import { createReadLimit } from "./read_limit.ts";
import { createUserReader } from "./read_user.ts";

const environment = Deno.env.toObject();
const clerkSettings = both(readClerkApiSettings(environment), readSessionSettings(environment));
const settings = both(readSupabaseSettings(environment), clerkSettings);
const log = createLog("users-sync");

Deno.serve(createConfigured(endpoint, log, settings, ([supabase, [clerk, session]]) => {
  const database = createDatabaseClient(supabase);
  const api = createClerkApi(clerk);
  const instanceKeys = createClerkKeys(api);
  const { keys, ...checks } = session;
  const findKey = "pem" in keys ? createFindKey(keys) : instanceKeys.find;
  return createUsersSync({
    verifySession: createSessionVerifier({ findKey, ...checks }),
    readUser: createUserReader({
      readClerkUser: createClerkUsers(api),
      proveAbsence: createAbsenceProof(api, instanceKeys.readIds),
      takeRead: createReadLimit(),
    }),
    writeFact: createGroupedCall({
      call: (items) => database.applyFacts(items, { returnUsers: true }),
    }),
    log,
  });
}));
