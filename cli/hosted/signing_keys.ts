import { createPublicKey } from "node:crypto";
import { z } from "zod";

const rsaKey = z.object({ kty: z.literal("RSA"), n: z.string(), e: z.string() });

/** The RSA keys of a key set (JWKS): Clerk signs session tokens with no others. */
export const rsaKeySet = z.object({ keys: z.array(z.unknown()) })
  .transform(({ keys }) => keys.flatMap((key) => rsaKey.safeParse(key).data ?? []));
export type RsaKeys = z.infer<typeof rsaKeySet>;

/** Whether a public key in PEM is one of the keys. */
export function isAmong(keys: RsaKeys, pem: string): boolean {
  const { n, e } = rsaKey.safeParse(readPem(pem)).data ?? {};
  return keys.some((key) => key.n === n && key.e === e);
}

function readPem(pem: string): unknown {
  try {
    return createPublicKey(pem).export({ format: "jwk" });
  } catch {
    return undefined;
  }
}
