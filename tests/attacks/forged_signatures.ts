import type { InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { canary } from "../support/leaks/leak.ts";
import { encodePart, hmac, noSignature } from "./compact_token.ts";
import type { TokenForge } from "./token_forge.ts";

/** Signatures by the algorithm "none", or by one that the instance does not use. */
export async function forgeAlgorithms(forge: TokenForge): Promise<void> {
  const { header, key, sign, body, signature, refuse, withHeader } = forge;
  for (const alg of ["none", "None", "NONE", "nOnE", "none ", "", null]) {
    const spelled = JSON.stringify(alg);
    refuse(`alg ${spelled} without a signature`, await withHeader({ alg }, noSignature));
    refuse(
      `alg ${spelled} with another token's signature`,
      `${encodePart({ ...header, alg })}.${body}.${signature}`,
    );
  }
  refuse("no alg at all", await withHeader({ alg: undefined }, noSignature));
  refuse("an alg in lower case", await withHeader({ alg: "rs256" }, sign));
  refuse("an alg that is a list", await withHeader({ alg: ["none", "RS256"] }, sign));
  for (const alg of ["ES256", "PS256", "EdDSA", "dir", "RSA-OAEP"]) {
    refuse(`alg ${alg}`, await withHeader({ alg }, sign));
  }
  for (const [what, secret] of Object.entries(publicKeyAsSecret(key))) {
    refuse(
      `HS256 with ${what} as secret`,
      await withHeader({ alg: "HS256" }, hmac("SHA-256", secret)),
    );
  }
  const pem = new TextEncoder().encode(key.publicKeyPem);
  refuse(
    "HS384 with the public key as secret",
    await withHeader({ alg: "HS384" }, hmac("SHA-384", pem)),
  );
  refuse(
    "HS512 with the public key as secret",
    await withHeader({ alg: "HS512" }, hmac("SHA-512", pem)),
  );
  refuse("RS256 by name, HS256 by signature", await withHeader({}, hmac("SHA-256", pem)));
}

/** Signatures by keys that the token itself names or contains. */
export async function forgeKeys(forge: TokenForge): Promise<void> {
  const { key, issuer, stranger, sign, add, refuse, withHeader } = forge;
  const strange = stranger.publicJwk;
  refuse("another key under the instance's key id", await withHeader({}));
  refuse("a token of another instance", await withHeader({ kid: strange.kid }));
  refuse("a key id that nobody has", await withHeader({ kid: `ins_${canary}` }));
  add("a key id that nobody has over a genuine signature", {
    headers: [["authorization", `Bearer ${await withHeader({ kid: "ins_unknown" }, sign)}`]],
    refusal: "invalid_token",
    keySetOnly: true,
  });
  const strangeIds: Readonly<Record<string, unknown>> = {
    "a path": "../../../../dev/null",
    "an address": "http://127.0.0.1:1/jwks.json",
    "SQL": "x' UNION SELECT 'secret' --",
    "a shell command": "| id > /tmp/kid",
    "a property of every object": "__proto__",
    "a method of every object": "constructor",
    "a list": [key.publicJwk.kid],
    "a number": 0,
    "an object": { toString: key.publicJwk.kid },
    "null": null,
    "empty": "",
    "a text of 10,000 characters": "k".repeat(10_000),
    "the instance's, and a NUL": `${key.publicJwk.kid}\0`,
    "absent": undefined,
  };
  for (const [what, kid] of Object.entries(strangeIds)) {
    refuse(`a key id that is ${what}`, await withHeader({ kid }));
  }
  refuse("an embedded key", await withHeader({ jwk: strange }));
  refuse("an embedded key set", await withHeader({ jwks: { keys: [strange] }, kid: strange.kid }));
  const address = `${issuer}/.well-known/jwks.json`;
  for (const name of ["jku", "x5u"]) {
    refuse(
      `${name} with the attacker's address`,
      await withHeader({ [name]: "http://127.0.0.1:1/" }),
    );
    refuse(`${name} with the instance's address`, await withHeader({ [name]: address }));
  }
  refuse("x5c with the attacker's chain", await withHeader({ x5c: [strange.n] }));
  refuse("x5t with a thumbprint", await withHeader({ x5t: strange.kid, "x5t#S256": strange.kid }));
}

/** Every form in which the public key might be used as a shared secret. */
function publicKeyAsSecret({ publicKeyPem, publicJwk }: InstanceKey) {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const base64 = publicKeyPem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  return {
    "the public key (PEM)": bytes(publicKeyPem),
    "the public key (PEM without its last newline)": bytes(publicKeyPem.trim()),
    "the public key (PEM with escaped newlines)": bytes(
      publicKeyPem.trim().replaceAll("\n", "\\n"),
    ),
    "the public key (base64)": bytes(base64),
    "the public key (DER)": Uint8Array.fromBase64(base64),
    "the public key (JWK)": bytes(JSON.stringify(publicJwk)),
    "the modulus": Uint8Array.fromBase64(publicJwk.n, { alphabet: "base64url" }),
    "the modulus as text": bytes(publicJwk.n),
    "the key id": bytes(publicJwk.kid),
    "a zero byte": new Uint8Array([0]),
  };
}
