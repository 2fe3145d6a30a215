import { createFindKey } from "../_shared/clerk/keys.ts";
import { createDatabaseClient } from "../_shared/database/client.ts";
import { createGroupedCall } from "../_shared/database/grouped_calls.ts";
import { both } from "../_shared/failure.ts";
import { createConfigured } from "../_shared/http/endpoint.ts";
import { createLog } from "../_shared/http/log.ts";
import { createSessionVerifier } from "../_shared/session/session.ts";
import { readSessionSettings } from "../_shared/settings/session.ts";
import { readSupabaseSettings } from "../_shared/settings/supabase.ts";
import { createUsersMe, endpoint } from "./handler.ts";

const environment = Deno.env.toObject();
const settings = both(readSupabaseSettings(environment), readSessionSettings(environment));
const log = createLog("users-me");

Deno.serve(
  createConfigured(endpoint, log, settings, ([supabase, { keys, ...checks }]) => {
    const database = createDatabaseClient(supabase);
    return createUsersMe({
      verifySession: createSessionVerifier({ findKey: createFindKey(keys), ...checks }),
      // The ids are in the address, whose length gateways limit.
      findUser: createGroupedCall({ call: database.findUsers, largestGroup: 50 }),
      log,
    });
  }),
);
