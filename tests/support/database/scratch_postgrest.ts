import { join } from "node:path";
import { binariesDirectory } from "../../../local/binaries/directory.ts";
import { locateBinaries } from "../../../local/binaries/locate.ts";
import type { PublicJwk } from "../../../local/clerk/keys/instance_key.ts";
import { loadKeys } from "../../../local/keys/keys.ts";
import { checkout, readEnvironment } from "../../../local/options.ts";
import { specifyPostgrest } from "../../../local/postgrest/server.ts";
import { openLog } from "../../../local/supervisor/log.ts";
import { createPart } from "../../../local/supervisor/part.ts";
import { startWatchdog } from "../../../local/supervisor/watchdog.ts";
import { serveLoopback } from "../loopback_server.ts";
import { runningStack } from "../stack/running_stack.ts";

/** A PostgREST of its own for one database. */
export interface ScratchPostgrest extends AsyncDisposable {
  /** For SUPABASE_URL: PostgREST is below `/rest/v1/`. */
  readonly url: string;
  /** Asks PostgREST. The path is relative to its root. */
  fetch(path: string, init: RequestInit): Promise<Response>;
}

/**
 * Starts a PostgREST for one database of the running stack's cluster.
 *
 * @param clerkJwk the key of the Clerk instance whose session tokens it takes
 */
export async function startScratchPostgrest(
  database: string,
  clerkJwk: PublicJwk,
): Promise<ScratchPostgrest> {
  const { DB_URL, JWT_SECRET } = runningStack();
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
  const specification = specifyPostgrest({
    schemas: ["public"],
    file: binaries.postgrest,
    databaseUrl: databaseUrl.href,
    jwtSecret: JWT_SECRET,
    clerkJwks: [clerkJwk],
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
  return {
    url: gateway.url,
    fetch: rest,
    [Symbol.asyncDispose]: stop,
  };
}
