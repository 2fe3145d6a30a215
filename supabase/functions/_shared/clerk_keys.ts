import { z } from "zod";
import { decodeBase64 } from "./base64.ts";
import type { SessionSettings } from "./environment.ts";
import { fail, type Result, succeed } from "./failure.ts";
import { TimeLimitExceeded, upstreamTimeLimit, withinTimeLimit } from "./time_limit.ts";

/**
 * Finds the public key that a session token names.
 *
 * @returns the key (JWK, or SPKI in PEM), or undefined where the instance has no such key
 */
export type FindKey = (kid: string) => Promise<Result<JsonWebKey | string | undefined>>;

export interface ClerkKeysOptions {
  readonly apiUrl: string;
  readonly secretKey: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds for which fetched keys are taken as current. */
const freshFor = 5 * 60_000;
/** Milliseconds between two fetches for key ids that are not among the known: any token may name one. */
const unknownKeyPause = 10_000;
/** Milliseconds for which a failed fetch answers for those that follow. */
const failurePause = 1_000;
/** Milliseconds that a fetch may hold up those whose key is known, only no longer fresh. */
const longestHoldUp = 1_000;

const keySet = z.object({ keys: z.array(z.unknown()) });
const rsaKey = z.object({
  kty: z.literal("RSA"),
  kid: z.string(),
  alg: z.string().default("RS256"),
  n: z.string(),
  e: z.string(),
});

/** Keys as the environment gives them: the one of a networkless configuration, or Clerk's. */
export function createFindKey(keys: SessionSettings["keys"]): FindKey {
  if (!("pem" in keys)) return createClerkKeys(keys);
  const { pem } = keys;
  const usable = isRsaPublicKey(pem);
  // With a key that verifies nothing every caller would be told that their token is bad.
  return async () =>
    await usable ? succeed(pem) : fail("server_misconfigured", {
      message: "CLERK_JWT_KEY must be the instance's RSA public key",
    });
}

async function isRsaPublicKey(pem: string): Promise<boolean> {
  try {
    const der = decodeBase64(pem.replace(/-----[A-Z ]+-----|\s/g, ""));
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    await crypto.subtle.importKey("spki", der, algorithm, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * The instance's keys from Clerk's Backend API. They are kept: known keys serve on while Clerk is down,
 * a rotated key is found at the first token that names it, and tokens that name made-up keys cannot make
 * us fetch more than once in 10 s.
 */
export function createClerkKeys(options: ClerkKeysOptions): FindKey {
  const { apiUrl, secretKey, now = Date.now } = options;
  let keys = new Map<string, JsonWebKey>();
  let fetchedAt = -Infinity;
  let failed: { readonly at: number; readonly result: Result<never> } | undefined;
  let underWay: Promise<Result<true>> | undefined;
  let underWaySince = -Infinity;

  async function refresh(): Promise<Result<true>> {
    const fetched = await fetchKeys(apiUrl, secretKey, options.fetch ?? fetch);
    if (!fetched.ok) {
      failed = { at: now(), result: fetched };
      return fetched;
    }
    keys = fetched.value;
    fetchedAt = now();
    failed = undefined;
    return succeed(true);
  }

  /** One fetch at a time, and none while the last failure is still warm. */
  function refreshOnce(): Promise<Result<true>> {
    if (failed && now() - failed.at < failurePause) return Promise.resolve(failed.result);
    if (!underWay) {
      underWaySince = now();
      underWay = refresh().finally(() => underWay = undefined);
    }
    return underWay;
  }

  /** The outcome where it comes soon: a slow Clerk must not make slow what a known key can serve. */
  async function refreshSoon(): Promise<Result<true> | undefined> {
    const refreshed = refreshOnce();
    const patience = Math.max(0, underWaySince + longestHoldUp - now());
    try {
      return await withinTimeLimit(refreshed, patience);
    } catch (error) {
      if (error instanceof TimeLimitExceeded) return undefined;
      throw error;
    }
  }

  return async (kid) => {
    const age = now() - fetchedAt;
    const known = keys.get(kid);
    if (known && age < freshFor) return succeed(known);
    if (!known && age < unknownKeyPause) return succeed(undefined);
    if (known) return succeed((await refreshSoon())?.ok ? keys.get(kid) : known);
    const refreshed = await refreshOnce();
    return refreshed.ok ? succeed(keys.get(kid)) : refreshed;
  };
}

async function fetchKeys(
  apiUrl: string,
  secretKey: string,
  request: typeof fetch,
): Promise<Result<Map<string, JsonWebKey>>> {
  try {
    const response = await request(`${apiUrl.replace(/\/+$/, "")}/v1/jwks`, {
      headers: { authorization: `Bearer ${secretKey}`, accept: "application/json" },
      signal: AbortSignal.timeout(upstreamTimeLimit),
      redirect: "error",
    });
    if (!response.ok) await response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      return fail("server_misconfigured", { message: "CLERK_SECRET_KEY was refused by Clerk" });
    }
    if (!response.ok) return unavailable(`keys: HTTP ${response.status}`);
    const parsed = keySet.safeParse(await response.json());
    if (!parsed.success) return unavailable("keys: not a key set");
    return succeed(rsaKeys(parsed.data.keys));
  } catch (error) {
    return unavailable(`keys: ${error instanceof Error ? error.name : typeof error}`);
  }
}

/** Clerk signs session tokens with RSA keys; what else a set holds is not for us. */
function rsaKeys(candidates: readonly unknown[]): Map<string, JsonWebKey> {
  const found = candidates.map((candidate) => rsaKey.safeParse(candidate).data);
  return new Map(found.flatMap((key) => key ? [[key.kid, key] as const] : []));
}

function unavailable(reason: string): Result<never> {
  return fail("clerk_unavailable", { reason });
}
