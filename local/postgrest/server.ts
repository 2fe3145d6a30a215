import type { PublicJwk } from "../clerk/keys/instance_key.ts";
import { findFreePort } from "../ports.ts";
import type { PartSpecification } from "../supervisor/part.ts";

export type PostgrestOptions = {
  file: string;
  /** For role authenticator. */
  databaseUrl: string;
  jwtSecret: string;
  /** Of the Clerk instance whose session tokens are taken. */
  clerkJwks: readonly PublicJwk[];
  /** The schemas that the API exposes. The first is the default. */
  schemas: readonly string[];
  /** The address that clients use. */
  publicUrl: string;
};

/** Specifies how PostgREST starts and ends. `port()` is its current port. */
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
    // Another program took a port that was free a moment ago. The next start chooses other ports.
    passing: (tail) => tail.some((line) => line.includes("Address in use")),
  };
}

/** A key set for both kinds of token: Supabase's API keys (HS256) and Clerk's session tokens (RS256). */
function renderKeySet({ jwtSecret, clerkJwks }: PostgrestOptions): string {
  const k = new TextEncoder().encode(jwtSecret).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return JSON.stringify({ keys: [{ kty: "oct", alg: "HS256", k }, ...clerkJwks] });
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
