import { generateInstanceKey, type InstanceKey, type PublicJwk } from "./instance_key.ts";

/** The instance's keys: the one that signs, and the ones that the key set shows. */
export interface SigningKeys {
  current(): InstanceKey;
  published(): readonly PublicJwk[];
  /**
   * Signs with a new key from now on.
   *
   * @param keepFor milliseconds for which the key set still shows the former key
   */
  rotate(keepFor: number): Promise<InstanceKey>;
}

interface FormerKey {
  readonly jwk: PublicJwk;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Starts with one key. Rotated keys are lost when the process ends.
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
