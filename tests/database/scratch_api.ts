import { z } from "zod";
import { createDatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { createGroupedCall } from "../../supabase/functions/_shared/database/grouped_calls.ts";
import type { Handler } from "../../supabase/functions/_shared/http/endpoint.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { createClerkWebhook } from "../../supabase/functions/clerk-webhook/handler.ts";
import { createUsersMe } from "../../supabase/functions/users-me/handler.ts";
import { instanceKey, verifySession } from "../support/clerk/instance.ts";
import { startScratchPostgrest } from "../support/database/scratch_postgrest.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { signingSecret } from "../support/svix/deliveries.ts";

/** A PostgREST of its own for one database, and the functions' handlers in front of it. */
export interface ScratchApi extends AsyncDisposable {
  readonly clerkWebhook: Handler;
  readonly usersMe: Handler;
  /** Sends a request to PostgREST with an API key or a session token. */
  rest(path: string, token: string, init?: RequestInit): Promise<Response>;
}

/** @param database a database of the running stack's cluster */
export async function startScratchApi(database: string): Promise<ScratchApi> {
  const { SERVICE_ROLE_KEY } = runningStack();
  const { kid, n, e } = z.object({ kid: z.string(), n: z.string(), e: z.string() })
    .parse(instanceKey.jwk);
  const postgrest = await startScratchPostgrest(database, {
    ...{ kid, n, e },
    kty: "RSA",
    alg: "RS256",
    use: "sig",
  });
  const client = createDatabaseClient({
    url: postgrest.url,
    key: SERVICE_ROLE_KEY,
  });
  return {
    clerkWebhook: createClerkWebhook({
      verifySignature: createSignatureVerifier([signingSecret]),
      instanceId: undefined,
      writeFact: createGroupedCall({
        call: (items) => client.applyFacts(items, { returnUsers: false }),
      }),
      log: () => {},
    }),
    usersMe: createUsersMe({
      verifySession,
      findUser: createGroupedCall({ call: client.findUsers }),
      log: () => {},
    }),
    rest: (path, token, init = {}) =>
      postgrest.fetch(path, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          prefer: "return=representation",
          ...init.headers,
        },
      }),
    [Symbol.asyncDispose]: () => postgrest[Symbol.asyncDispose](),
  };
}
