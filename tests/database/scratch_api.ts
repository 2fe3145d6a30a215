import { join } from "node:path";
import { z } from "zod";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateBinaries } from "../../local/binaries/locate.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import { checkout, readEnvironment } from "../../local/options.ts";
import { specifyPostgrest } from "../../local/postgrest/server.ts";
import { openLog } from "../../local/supervisor/log.ts";
import { createPart } from "../../local/supervisor/part.ts";
import { startWatchdog } from "../../local/supervisor/watchdog.ts";
import { createDatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import type { Handler } from "../../supabase/functions/_shared/http/endpoint.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { createClerkWebhook } from "../../supabase/functions/clerk-webhook/handler.ts";
import { createUsersMe } from "../../supabase/functions/users-me/handler.ts";
import { instanceKey, verifySession } from "../support/clerk/instance.ts";
import { serveLoopback } from "../support/loopback_server.ts";
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
  const { DB_URL, JWT_SECRET, SERVICE_ROLE_KEY } = runningStack();
  const { directory, postgresMajor } = readEnvironment();
  const { authenticatorPassword } = await loadKeys(directory);
  const binaries = await locateBinaries({
    directory: await binariesDirectory(checkout, directory),
    print: () => {},
  }, postgresMajor);
  const databaseUrl = new URL(DB_URL);
  Object.assign(databaseUrl, {
    username: "authenticator",
    password: authenticatorPassword,
    pathname: `/${database}`,
  });
  const { kid, n, e } = z.object({ kid: z.string(), n: z.string(), e: z.string() })
    .parse(instanceKey.jwk);
  const specification = specifyPostgrest({
    schemas: ["public"],
    file: binaries.postgrest,
    databaseUrl: databaseUrl.href,
    jwtSecret: JWT_SECRET,
    clerkJwk: { kid, n, e, kty: "RSA", alg: "RS256", use: "sig" },
    publicUrl: "http://127.0.0.1",
  });
  const folder = await Deno.makeTempDir({ prefix: "scratch-api-" });
  const log = openLog(join(folder, "postgrest.log"));
  const watchdog = startWatchdog(join(folder, "lock"));
  const postgrest = createPart(specification, {
    log,
    watchdog,
    print: () => {},
    fail: () => {},
  });
  const rest = (path: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${specification.port()}/${path}`, init);
  const gateway = serveLoopback((request) => {
    const { pathname, search } = new URL(request.url);
    return rest(`${pathname.replace("/rest/v1/", "")}${search}`, request);
  });
  const stop = async () => {
    await gateway[Symbol.asyncDispose]();
    await postgrest.stop();
    await watchdog.dismiss();
    log.close();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await postgrest.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const client = createDatabaseClient({
    url: gateway.url,
    key: SERVICE_ROLE_KEY,
  });
  return {
    clerkWebhook: createClerkWebhook({
      verifySignature: createSignatureVerifier([signingSecret]),
      instanceId: undefined,
      database: client,
      log: () => {},
    }),
    usersMe: createUsersMe({ verifySession, database: client, log: () => {} }),
    rest: (path, token, init = {}) =>
      rest(path, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          prefer: "return=representation",
          ...init.headers,
        },
      }),
    [Symbol.asyncDispose]: stop,
  };
}
