import { createHash } from "node:crypto";

/** Tokens remembered at most: those that were verified last. */
const mostTokens = 1_000;

/** A token that was verified. */
export interface KnownToken {
  readonly userId: string;
  readonly keyId: string;
  /** The key that verified it. Whoever uses the token again must find the same one. */
  readonly key: JsonWebKey | string;
  /** Milliseconds since the epoch: when it was verified, and its `exp`. */
  readonly verifiedAt: number;
  readonly endsAt: number;
}

/** Verified tokens, by their digest: the memory holds nothing that could be sent. */
export interface KnownTokens {
  /** Undefined if the token must be verified, because it is not known or its time is over. */
  find(digest: string, now: number): KnownToken | undefined;
  remember(digest: string, token: KnownToken): void;
}

export function createKnownTokens(): KnownTokens {
  const known = new Map<string, KnownToken>();

  return {
    find(digest, now) {
      const token = known.get(digest);
      // A clock that was set back may be before the token's beginning.
      return token && token.verifiedAt <= now && now < token.endsAt ? token : undefined;
    },
    remember(digest, token) {
      // Inserted again, so that the map's first token is the one verified longest ago.
      known.delete(digest);
      known.set(digest, token);
      const [oldest] = known.keys();
      if (known.size > mostTokens && oldest !== undefined) known.delete(oldest);
    },
  };
}

/** The SHA-256 of a token. Not WebCrypto's, which computes it in another thread: 50 µs instead of 5. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
