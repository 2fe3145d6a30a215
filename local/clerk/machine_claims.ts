import { newId } from "./ids.ts";

const LIFETIME_SECONDS = 3600;

/** The claims of a machine-to-machine token: its subject is a machine, never a user. */
export function machineClaims(issuer: string, at: number): Record<string, unknown> {
  const issuedAt = Math.floor(at / 1000);
  const machine = newId("mch", at);
  return {
    aud: [machine],
    exp: issuedAt + LIFETIME_SECONDS,
    iat: issuedAt,
    iss: issuer,
    jti: newId("mt", at),
    nbf: issuedAt,
    scopes: machine,
    sub: newId("mch", at),
  };
}
