import {
  base64url,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importJWK,
  importPKCS8,
} from "jose";
import { base62, ksuidLength } from "../ids.ts";

const algorithm = "RS256";

/** The public half of the instance's signing key, as the key set shows it. */
export interface PublicJwk {
  readonly kid: string;
  readonly alg: "RS256";
  readonly use: "sig";
  readonly kty: "RSA";
  readonly n: string;
  readonly e: string;
}

/** The instance's key, which signs and verifies session tokens. */
export interface InstanceKey {
  /** PKCS8 PEM. Keep it to start the double with the same key again. */
  readonly privateKeyPem: string;
  /** SPKI PEM, as `CLERK_JWT_KEY` takes it. */
  readonly publicKeyPem: string;
  readonly publicJwk: PublicJwk;
  readonly privateKey: CryptoKey;
}

/** Makes a new RSA 2048 signing key. */
export async function generateInstanceKey(): Promise<InstanceKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return readInstanceKey(await exportPKCS8(privateKey));
}

/**
 * Reads a signing key that `generateInstanceKey()` made.
 *
 * @param privateKeyPem PKCS8 PEM of an RSA key, with real or escaped newlines
 * @throws TypeError or DOMException if it is anything else
 */
export async function readInstanceKey(privateKeyPem: string): Promise<InstanceKey> {
  const pem = privateKeyPem.replaceAll("\\n", "\n");
  const privateKey = await importPKCS8(pem, algorithm, { extractable: true });
  const { n, e } = await exportJWK(privateKey);
  if (n === undefined || e === undefined) {
    throw new TypeError("The private key is not an RSA key: make one with generateInstanceKey()");
  }
  const thumbprint = base64url.decode(await calculateJwkThumbprint({ kty: "RSA", n, e }));
  return {
    privateKeyPem: pem,
    publicKeyPem: await exportPublicPem({ n, e }),
    publicJwk: {
      kid: `ins_${base62(thumbprint, ksuidLength)}`,
      alg: algorithm,
      use: "sig",
      kty: "RSA",
      n,
      e,
    },
    privateKey,
  };
}

/** The public key as SPKI PEM, as `CLERK_JWT_KEY` takes it. */
export async function exportPublicPem({ n, e }: Pick<PublicJwk, "n" | "e">): Promise<string> {
  const key = await importJWK({ kty: "RSA", n, e }, algorithm, { extractable: true });
  if (key instanceof Uint8Array) throw new TypeError("An RSA key cannot be raw bytes");
  return await exportSPKI(key);
}
