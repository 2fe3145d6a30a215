/** A Clerk instance's RSA key, which signs session tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** The public key, as in the instance's key set. */
  readonly jwk: JsonWebKey & { readonly kid: string };
  /** The public key, as the dashboard shows it for CLERK_JWT_KEY. */
  readonly pem: string;
}

export interface TokenChanges {
  readonly header?: Readonly<Record<string, unknown>>;
  /** Claims that replace the usual ones; undefined removes one. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export async function createSigningKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  const der = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  return {
    kid,
    privateKey,
    jwk: { kty, n, e, kid, alg: "RS256", use: "sig" },
    pem: pemOf(der),
  };
}

export function pemOf(der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n");
}

/** A session token of version 2, valid for a minute, as Clerk issues it. */
export async function sessionToken(
  key: Pick<SigningKey, "kid" | "privateKey">,
  changes: TokenChanges = {},
): Promise<string> {
  const unsigned = unsignedToken(key.kid, changes);
  const signature = await crypto.subtle.sign(
    algorithm.name,
    key.privateKey,
    new TextEncoder().encode(unsigned),
  );
  return `${unsigned}.${base64Url(new Uint8Array(signature))}`;
}

/** A token's header and claims, encoded but not signed. */
export function unsignedToken(kid: string, { header, claims }: TokenChanges): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: "RS256", cat: "cl_B7d4PD111AAA", kid, typ: "JWT", ...header },
    {
      azp: "https://app.example.com",
      // Clerk's tokens live for a minute. A test on a busy machine may need more.
      exp: now + 3600,
      fva: [0, -1],
      iat: now,
      iss: "https://clerk.example.com",
      jti: "f4ad1bbc7d8a0a4c6f0e",
      nbf: now - 10,
      role: "authenticated",
      sid: "sess_2abcdefghijklmnopqrstuvwxy1",
      sts: "active",
      sub: "user_ada",
      v: 2,
      ...claims,
    },
  ];
  return parts.map((part) => base64Url(new TextEncoder().encode(JSON.stringify(part)))).join(".");
}

export function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
