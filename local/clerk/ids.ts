/** Seconds between the Unix epoch and the KSUID epoch, which Clerk's ids count from. */
const ksuidEpoch = 1_400_000_000;
/** Characters of a KSUID in base 62. */
export const ksuidLength = 27;
const timeBytes = 4;
const entropyBytes = 16;
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The prefixes of the ids that the double makes, in Clerk's and Svix' forms. */
export type IdPrefix =
  | ("user" | "org" | "orgmem" | "idn" | "sess" | "client" | "dmn" | "sia" | "sua")
  | ("app" | "ep" | "msg" | "atmpt" | "qtask");

/** Writes bytes as base 62, padded or cut to `length` characters. */
export function base62(bytes: Uint8Array, length: number): string {
  let rest = 0n;
  for (const byte of bytes) rest = rest * 256n + BigInt(byte);
  let text = "";
  while (text.length < length) {
    text = alphabet.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/**
 * Makes an id in Clerk's form: a prefix and a KSUID. A KSUID begins with the time in seconds, so ids sort
 * by age.
 *
 * @param at milliseconds since the epoch
 */
export function newId(prefix: IdPrefix, at: number): string {
  const bytes = new Uint8Array(timeBytes + entropyBytes);
  new DataView(bytes.buffer).setUint32(0, Math.floor(at / 1000) - ksuidEpoch);
  crypto.getRandomValues(bytes.subarray(timeBytes));
  return `${prefix}_${base62(bytes, ksuidLength)}`;
}
