import * as z from "zod/mini";
import { decodeBase64 } from "../base64.ts";
import { fail, type Failure, type Result, succeed } from "../failure.ts";
import type { SessionSettings } from "../settings/session.ts";
import { TimeLimitExceeded, withinTimeLimit } from "../time_limit.ts";
import { type ClerkApi, createClerkApi } from "./api.ts";
import { unusableAnswer } from "./failed_answer.ts";

/**
 * Finds the public key that a session token names.
 *
 * @returns the key (JWK, or SPKI in PEM), or undefined if the instance has no such key
 */
export type FindKey = (kid: string) => Promise<Result<JsonWebKey | string | undefined>>;

/** The signing keys of the Backend API's instance. */
export interface ClerkKeys {
  readonly find: FindKey;
  /** Reads the keys' ids from Clerk, bypassing the cache. */
  readonly readIds: () => Promise<Result<ReadonlySet<string>>>;
}

/** Milliseconds that fetched keys stay fresh. */
const freshFor = 5 * 60_000;
/** Milliseconds between two fetches for unknown key ids: any token may name one. */
const unknownKeyPause = 10_000;
/** Milliseconds to wait after a failed fetch if no key is known. Doubles with each failure. */
const firstFailurePause = 1_000;
/** Milliseconds that a fetch may delay callers whose key is known but no longer fresh. */
const longestHoldUp = 1_000;

const keySet = z.object({ keys: z.array(z.unknown()) });
const rsaKey = z.object({
  kty: z.literal("RSA"),
  kid: z.string(),
  alg: z._default(z.string(), "RS256"),
  n: z.string(),
  e: z.string(),
});

/** Finds keys as configured: the one in CLERK_JWT_KEY, without a network call, or Clerk's. */
export function createFindKey(keys: SessionSettings["keys"]): FindKey {
  if (!("pem" in keys)) return createClerkKeys(createClerkApi(keys)).find;
  const { pem } = keys;
  const usable = isRsaPublicKey(pem);
  // With a key that verifies nothing, every caller would be told that their token is bad.
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

/** Keys by id. */
type KeySet = ReadonlyMap<string, JsonWebKey>;

interface Outage {
  readonly failure: Failure;
  /** Milliseconds since the epoch. Clerk is not asked again before then. */
  readonly until: number;
}

/**
 * Caches the instance's keys from Clerk's Backend API. Known keys stay in use while Clerk is down.
 * A new key is fetched when the first token names it. Tokens that name made-up keys cause at most
 * one fetch every 10 s, whether Clerk answers or not.
 *
 * @param now milliseconds since the epoch
 */
export function createClerkKeys(api: ClerkApi, now: () => number = Date.now): ClerkKeys {
  let keys: KeySet = new Map();
  let fetchedAt = -Infinity;
  let failures = 0;
  let outage: Outage | undefined;
  let underWay: Promise<Result<KeySet>> | undefined;
  let underWaySince = -Infinity;

  async function refresh(): Promise<Result<KeySet>> {
    if (outage && now() < outage.until) return meanwhile(outage, now());
    const fetched = await fetchKeys(api);
    if (!fetched.ok) {
      outage = { failure: fetched.failure, until: now() + pauseAfter(fetched.failure) };
      return fetched;
    }
    keys = fetched.value;
    fetchedAt = now();
    failures = 0;
    outage = undefined;
    return fetched;
  }

  /** Milliseconds. With no known key nobody can be served, so ask again sooner. */
  function pauseAfter({ retryAfter = 0 }: Failure): number {
    const backOff = firstFailurePause * 2 ** failures++;
    const pause = keys.size > 0 ? unknownKeyPause : Math.min(backOff, unknownKeyPause);
    return Math.max(pause, retryAfter * 1000);
  }

  /** Runs one fetch at a time. */
  function refreshOnce(): Promise<Result<KeySet>> {
    if (!underWay) {
      underWaySince = now();
      underWay = refresh().finally(() => underWay = undefined);
    }
    return underWay;
  }

  /** Undefined if Clerk is slow: a caller whose key is known must not wait long for it. */
  async function refreshSoon(): Promise<Result<KeySet> | undefined> {
    const refreshed = refreshOnce();
    const patience = Math.max(0, underWaySince + longestHoldUp - now());
    try {
      return await withinTimeLimit(refreshed, patience);
    } catch (error) {
      if (error instanceof TimeLimitExceeded) return undefined;
      throw error;
    }
  }

  return {
    async find(kid) {
      const age = now() - fetchedAt;
      const known = keys.get(kid);
      if (known && age < freshFor) return succeed(known);
      if (!known && age < unknownKeyPause) return succeed(undefined);
      if (known) {
        const refreshed = await refreshSoon();
        return succeed(refreshed?.ok ? refreshed.value.get(kid) : known);
      }
      const refreshed = await refreshOnce();
      return refreshed.ok ? succeed(refreshed.value.get(kid)) : refreshed;
    },
    async readIds() {
      const refreshed = await refresh();
      return refreshed.ok ? succeed(new Set(refreshed.value.keys())) : refreshed;
    },
  };
}

/** The answer during an outage, until Clerk is asked again. */
function meanwhile({ failure, until }: Outage, now: number): Result<never> {
  if (failure.retryAfter === undefined) return { ok: false, failure };
  return { ok: false, failure: { ...failure, retryAfter: Math.ceil((until - now) / 1000) } };
}

async function fetchKeys(api: ClerkApi): Promise<Result<KeySet>> {
  const fetched = await api.read("jwks");
  if (!fetched.ok) return fetched;
  const parsed = keySet.safeParse(fetched.value);
  if (!parsed.success) return unusableAnswer("jwks", "not a key set");
  return succeed(rsaKeys(parsed.data.keys));
}

/** Leaves out other keys: Clerk signs session tokens with RSA keys. */
function rsaKeys(candidates: readonly unknown[]): KeySet {
  const found = candidates.map((candidate) => rsaKey.safeParse(candidate).data);
  return new Map(found.flatMap((key) => key ? [[key.kid, key] as const] : []));
}
