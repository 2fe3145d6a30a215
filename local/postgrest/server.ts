import type { PublicJwk } from "../clerk/keys/instance_key.ts";
import { findFreePort } from "../ports.ts";
import type { PartSpecification } from "../supervisor/part.ts";

/** What PostgREST serves and whose tokens it takes. */
export type PostgrestOptions = {
  file: string;
  /** As role authenticator. */
  databaseUrl: string;
  jwtSecret: string;
  clerkJwk: PublicJwk;
  /** What the API exposes; a request that names none means the first. */
  schemas: readonly string[];
  /** The address that clients use. */
  publicUrl: string;
};

/** How PostgREST is started and ended; `port()` is the one that it listens on at present. */
export function specifyPostgrest(
  options: PostgrestOptions,
): PartSpecification & { port(): number } {
  let port = 0;
  let adminPort = 0;
  return {
    port: () => port,
    name: "PostgREST",
    launch: () => {
      port = findFreePort();
      do adminPort = findFreePort(); while (adminPort === port);
      return Promise.resolve({
        file: options.file,
        args: [],
        environment: {
          PGRST_DB_URI: options.databaseUrl,
          PGRST_DB_SCHEMAS: options.schemas.join(","),
          PGRST_DB_EXTRA_SEARCH_PATH: "public,extensions",
          PGRST_DB_ANON_ROLE: "anon",
          PGRST_DB_POOL: "20",
          PGRST_DB_MAX_ROWS: "1000",
          PGRST_DB_CHANNEL_ENABLED: "true",
          PGRST_JWT_SECRET: renderKeySet(options),
          PGRST_SERVER_HOST: "127.0.0.1",
          PGRST_SERVER_PORT: String(port),
          PGRST_ADMIN_SERVER_PORT: String(adminPort),
          PGRST_OPENAPI_SERVER_PROXY_URI: options.publicUrl,
          PGRST_LOG_LEVEL: "error",
        },
      });
    },
    answers: async (_log, signal) => {
      while (!signal.aborted && !await isReady(adminPort, signal)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    endings: [{ signal: "SIGTERM", patience: 2000 }],
    emergency: "process",
    hopeless: "fail",
    // Another program took a port that was free a moment ago; the next start chooses others.
    passing: (tail) => tail.some((line) => line.includes("Address in use")),
  };
}

/** One set for both kinds of token: Supabase's keys (HS256) and Clerk's sessions (RS256). */
function renderKeySet({ jwtSecret, clerkJwk }: PostgrestOptions): string {
  const k = new TextEncoder().encode(jwtSecret).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return JSON.stringify({ keys: [{ kty: "oct", alg: "HS256", k }, clerkJwk] });
}

async function isReady(adminPort: number, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/ready`, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
