import { generateInstanceKey, type InstanceKey, type PublicJwk } from "./instance_key.ts";

/** The instance's keys: the one that signs, and those that its key set shows. */
export interface SigningKeys {
  current(): InstanceKey;
  published(): readonly PublicJwk[];
  /**
   * Signs with a new key from now on.
   *
   * @param keepMs How long the key set still shows the keys before it, in milliseconds.
   */
  rotate(keepMs: number): Promise<InstanceKey>;
}

/** Begins with one key. Rotated keys last as long as the process. */
export function createSigningKeys(first: InstanceKey, now: () => number): SigningKeys {
  let current = first;
  let former: { readonly jwk: PublicJwk; readonly until: number }[] = [];
  return {
    current: () => current,
    published() {
      former = former.filter(({ until }) => until > now());
      return [current.publicJwk, ...former.map(({ jwk }) => jwk)];
    },
    async rotate(keepMs) {
      const next = await generateInstanceKey();
      former = [{ jwk: current.publicJwk, until: now() + keepMs }, ...former];
      current = next;
      return next;
    },
  };
}
