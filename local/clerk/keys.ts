import { base62 } from "./ids.ts";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** The public half of the instance's signing key as it stands in the key set. */
export interface PublicJwk {
  kid: string;
  alg: "RS256";
  use: "sig";
  kty: "RSA";
  n: string;
  e: string;
}

/** The instance's signing key: what signs session tokens and what verifies them. */
export interface InstanceKey {
  /** PKCS8 PEM; keep it to start the double with the same key again. */
  privateKeyPem: string;
  /** SPKI PEM, as `CLERK_JWT_KEY` takes it. */
  publicKeyPem: string;
  publicJwk: PublicJwk;
  privateKey: CryptoKey;
}

/** Makes a new RSA 2048 signing key. */
export async function generateInstanceKey(): Promise<InstanceKey> {
  const pair = await crypto.subtle.generateKey(
    { ...ALGORITHM, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  return readInstanceKey(toPem("PRIVATE KEY", new Uint8Array(pkcs8)));
}

/**
 * Reads a signing key that `generateInstanceKey()` made.
 *
 * @param privateKeyPem PKCS8 PEM of an RSA key, with real or escaped newlines.
 * @throws TypeError or DOMException when it is anything else.
 */
export async function readInstanceKey(privateKeyPem: string): Promise<InstanceKey> {
  const pem = privateKeyPem.replaceAll("\\n", "\n");
  const privateKey = await crypto.subtle.importKey("pkcs8", fromPem(pem), ALGORITHM, true, [
    "sign",
  ]);
  const { n, e } = await crypto.subtle.exportKey("jwk", privateKey);
  if (n === undefined || e === undefined) {
    throw new TypeError("The private key is not an RSA key: make one with generateInstanceKey()");
  }
  const publicKey = await crypto.subtle.importKey(
    "jwk",
    { kty: "RSA", n, e },
    ALGORITHM,
    true,
    ["verify"],
  );
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", spki));
  return {
    privateKeyPem: pem,
    publicKeyPem: toPem("PUBLIC KEY", spki),
    publicJwk: { kid: `ins_${base62(digest, 27)}`, alg: "RS256", use: "sig", kty: "RSA", n, e },
    privateKey,
  };
}

/** Signs text with the instance's key (RS256). */
export async function signText(key: InstanceKey, text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM.name, key.privateKey, bytes));
}

function toPem(label: string, bytes: Uint8Array<ArrayBuffer>): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function fromPem(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(pem.replaceAll(/-----[A-Z ]+-----/g, "").replaceAll(/\s/g, ""));
}
