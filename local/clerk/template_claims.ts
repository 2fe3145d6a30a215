import { sessionClaims, type TokenSubject } from "./tokens.ts";

/** The instance's one JWT template, as Clerk's dashboard offers it for Supabase. */
export const TEMPLATE_NAME = "supabase";

/** The claims of a token from that template: it names a user, and neither session nor status. */
export function templateClaims(
  subject: TokenSubject,
  issuer: string,
  at: number,
  lifetimeSeconds?: number,
): Record<string, unknown> {
  const { sid: _session, sts: _status, v: _version, fva: _factors, ...claims } = sessionClaims(
    { ...subject, organization: undefined },
    issuer,
    at,
    lifetimeSeconds,
  );
  return { ...claims, aud: "authenticated", app_metadata: {}, user_metadata: {} };
}
