/** Seconds between the Unix epoch and the KSUID epoch, which Clerk's ids count from. */
const KSUID_EPOCH_SECONDS = 1_400_000_000;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KSUID_LENGTH = 27;
const ENTROPY_BYTES = 16;

/** The prefixes of Clerk's and Svix' ids that the double hands out. */
export type IdPrefix =
  | "user"
  | "org"
  | "orgmem"
  | "idn"
  | "sess"
  | "client"
  | "sess_activity"
  | "msg"
  | "atmpt"
  | "ins";

/** Writes bytes as base 62, padded or cut to `length` characters. */
export function base62(bytes: Uint8Array, length: number): string {
  let rest = 0n;
  for (const byte of bytes) rest = rest * 256n + BigInt(byte);
  let text = "";
  while (text.length < length) {
    text = ALPHABET.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/**
 * A new id in Clerk's shape: a prefix and a KSUID (27 base-62 characters that begin with the time,
 * so that ids sort by age to the second).
 *
 * @param atMs The id's time in milliseconds since the Unix epoch.
 */
export function newId(prefix: IdPrefix, atMs: number): string {
  const bytes = new Uint8Array(4 + ENTROPY_BYTES);
  new DataView(bytes.buffer).setUint32(0, Math.floor(atMs / 1000) - KSUID_EPOCH_SECONDS);
  crypto.getRandomValues(bytes.subarray(4));
  return `${prefix}_${base62(bytes, KSUID_LENGTH)}`;
}
