import type { InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { sessionClaims, signToken } from "../../local/clerk/sessions/tokens.ts";
import type { FailureCode } from "../../supabase/functions/_shared/failure.ts";

/** A token signed by the instance's key, and how it is treated. */
export interface TokenKind {
  readonly name: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What differs in the header; undefined removes a part. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** The code that users-me and users-sync refuse it with, or null if they serve it. */
  readonly refusal: FailureCode | null;
  /** Whether the Data API serves it as the user. PostgreSQL sees the claims, but not the header. */
  readonly seesRows: boolean;
}

const category = {
  session: "cl_B7d4PD111AAA",
  template: "cl_B7d4PD222AAA",
  machine: "cl_B7d4PD333AAA",
  ignored: "cl_I7d4PD111III",
} as const;

/** Tokens about one user, who belongs to the active organization in each. */
export function tokenKinds(userId: string, organizationId: string, issuer: string): TokenKind[] {
  const subject = {
    userId,
    sessionId: "sess_of_the_table",
    status: "active",
    origin: null,
    verifiedAt: Date.now(),
  } as const;
  const session: Record<string, unknown> = {
    ...sessionClaims(subject, issuer, Date.now(), 600),
    o: { id: organizationId, rol: "admin" },
  };
  const { sid: _sid, sts: _sts, v: _v, fva: _fva, ...template } = session;
  const year = 31_536_000;
  const longLived = { ...template, exp: Math.floor(Date.now() / 1000) + 10 * year };
  const served = { refusal: null, seesRows: true } as const;
  const refused = { refusal: "invalid_token", seesRows: false } as const;
  const withSid = (sid: unknown) => ({ claims: { ...session, sid }, ...refused });
  return [
    { name: "a session token", claims: session, ...served },
    {
      name: "a session token without a category",
      claims: session,
      header: { cat: undefined },
      ...served,
    },
    {
      name: "a session token of an ignored category",
      claims: session,
      header: { cat: category.ignored },
      ...served,
    },
    {
      name: "a template token",
      claims: template,
      header: { cat: category.template },
      ...refused,
    },
    {
      name: "a template token that lasts for years",
      claims: longLived,
      header: { cat: category.template },
      ...refused,
    },
    {
      name: "a template token that claims a session",
      claims: template,
      header: { cat: category.session },
      ...refused,
    },
    {
      name: "a template token without a category",
      claims: template,
      header: { cat: undefined },
      ...refused,
    },
    {
      name: "a machine token",
      claims: { ...template, sub: "mch_2abcdefghijklmnopqrstuvwxyz" },
      header: { cat: category.machine },
      ...refused,
    },
    {
      name: "a machine token about a user",
      claims: template,
      header: { cat: category.machine },
      ...refused,
    },
    { name: "a session token without a sid", ...withSid(undefined) },
    { name: "a session token with a sid of null", ...withSid(null) },
    { name: "a session token with an empty sid", ...withSid("") },
    {
      name: "a session with pending tasks",
      claims: { ...session, sts: "pending" },
      refusal: "session_pending",
      seesRows: false,
    },
    {
      name: "a template token with a pending session's status",
      claims: { ...template, sts: "pending" },
      header: { cat: category.template },
      ...refused,
    },
    // Clerk issues no such token. The category is in the header, which only the functions see.
    ...[category.template, category.machine, "cl_B7d4PD999ZZZ", "", null, 1].map((cat) => ({
      name: `a session's claims under the category ${JSON.stringify(cat)}`,
      claims: session,
      header: { cat },
      refusal: "invalid_token" as const,
      seesRows: true,
    })),
  ];
}

/** The token in compact form. */
export function mint(key: InstanceKey, { claims, header }: TokenKind): Promise<string> {
  return signToken(key, claims, header);
}
