import type { InstanceKey } from "../../local/clerk/keys/instance_key.ts";

/** A part of a token: a value to write as JSON, or text that need not be JSON. */
export type TokenPart = string | Readonly<Record<string, unknown>>;

export type Sign = (text: string) => Promise<Uint8Array>;

/** A token in compact form with exactly these parts, however odd. */
export async function compactToken(
  header: TokenPart,
  claims: TokenPart,
  sign: Sign,
): Promise<string> {
  const signed = [header, claims].map(encodePart).join(".");
  return `${signed}.${base64Url(await sign(signed))}`;
}

export function encodePart(part: TokenPart): string {
  const text = typeof part === "string" ? part : JSON.stringify(part);
  return base64Url(new TextEncoder().encode(text));
}

export function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Signs with an instance's key, as Clerk does (RS256). */
export function rsa({ privateKey }: InstanceKey): Sign {
  return async (text) =>
    new Uint8Array(
      await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, new TextEncoder().encode(text)),
    );
}

/** Signs with a shared secret, as the HS algorithms do. */
export function hmac(
  hash: "SHA-256" | "SHA-384" | "SHA-512",
  secret: Uint8Array<ArrayBuffer>,
): Sign {
  return async (text) => {
    const algorithm = { name: "HMAC", hash };
    const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
    return new Uint8Array(
      await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)),
    );
  };
}

/** An empty signature. */
export const noSignature: Sign = () => Promise.resolve(new Uint8Array());
