import { generateInstanceKey, type InstanceKey, type PublicJwk } from "./instance_key.ts";

/** The instance's keys: the one that signs, and those that its key set shows. */
export interface SigningKeys {
  current(): InstanceKey;
  published(): readonly PublicJwk[];
  /**
   * Signs with a new key from now on.
   *
   * @param keepFor milliseconds for which the key set still shows the keys before it
   */
  rotate(keepFor: number): Promise<InstanceKey>;
}

interface FormerKey {
  readonly jwk: PublicJwk;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Begins with one key. Rotated keys last as long as the process.
 *
 * @param now milliseconds since the epoch
 */
export function createSigningKeys(first: InstanceKey, now: () => number): SigningKeys {
  let current = first;
  let former: FormerKey[] = [];
  return {
    current: () => current,
    published() {
      former = former.filter(({ until }) => until > now());
      return [current.publicJwk, ...former.map(({ jwk }) => jwk)];
    },
    async rotate(keepFor) {
      const next = await generateInstanceKey();
      former = [{ jwk: current.publicJwk, until: now() + keepFor }, ...former];
      current = next;
      return next;
    },
  };
}
