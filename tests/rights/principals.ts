import { signClaims } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import {
  belongingsOf,
  deactivatedUser,
  dismissedMember,
  exUser,
  firstUser,
  formerMember,
  memberOfClosed,
  memberOfDeleted,
  neighbour,
  otherOrganization,
  secondUser,
  sharedOrganization,
} from "./tenants.ts";

/**
 * What a request's credentials are worth:
 * - `owner`: a signed-in user with a row, and a member of the shared organization in any role
 * - `neighbour`: the same in another organization
 * - `outsider`: the same without an organization
 * - `nobody`: a signed-in user without an active row or a complete session
 * - `refused`: credentials that nothing accepts
 */
export type Standing =
  | "anon"
  | "owner"
  | "neighbour"
  | "outsider"
  | "nobody"
  | "service"
  | "refused";

/** A caller. */
export interface Principal {
  readonly name: string;
  readonly standing: Standing;
  /** The header `apikey`; undefined if none is sent. */
  readonly apiKey: string | undefined;
  /** The bearer token; undefined if none is sent. */
  readonly token?: string;
  /** The keys of their rows in all tables. */
  readonly own: readonly string[];
}

/** Subjects that are no row's Clerk id, but might be mistaken for one. */
const oddSubjects: Readonly<Record<string, unknown>> = {
  "a null sub": null,
  "an empty sub": "",
  "a blank sub": " ",
  "a sub like a number": "1",
  "a sub like SQL": `x' or '1'='1`,
  "a sub like a pattern": "user_%",
  "a sub like a filter": `in.(${firstUser},${secondUser})`,
  "a sub like JSON": `["${firstUser}"]`,
  "a sub in capitals": firstUser.toUpperCase(),
  "a sub and a space": `${firstUser} `,
  "a sub and a zero-width space": `${firstUser}\u200b`,
  "a very long sub": firstUser.repeat(200),
  "an ex-user's sub": exUser,
};

/** Subjects that RFC 7519 does not allow. */
const impossibleSubjects: Readonly<Record<string, unknown>> = {
  "a number as sub": 1,
  "true as sub": true,
  "an array as sub": [firstUser],
  "an object as sub": { toString: firstUser },
};

/** A token signed by Clerk's key, with the role that Clerk's Supabase integration adds. */
export function signed(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const expiry = Math.floor(Date.now() / 1000) + 600;
  return signClaims({ role: "authenticated", exp: expiry, ...claims });
}

/** Every kind of caller. */
export async function principals(): Promise<Principal[]> {
  const stack = runningStack();
  const { ANON_KEY: anonKey, SERVICE_ROLE_KEY: serviceKey } = stack;
  const signedIn = async (
    name: string,
    standing: Standing,
    claims: Record<string, unknown>,
    own: readonly string[] = [],
  ): Promise<Principal> => ({ name, standing, apiKey: anonKey, token: await signed(claims), own });
  /** The token's claims about organizations make no difference. */
  const user = (name: string, standing: Standing, sub: string, claims = {}) =>
    signedIn(name, standing, { sub, sts: "active", ...claims }, belongingsOf(sub));
  const owner = await user("the owner", "owner", firstUser);
  return [
    { name: "the anon key", standing: "anon", apiKey: anonKey, own: [] },
    { name: "the anon key as bearer", standing: "anon", apiKey: anonKey, token: anonKey, own: [] },
    { name: "the publishable key", standing: "anon", apiKey: stack.PUBLISHABLE_KEY, own: [] },
    await signedIn("a token without a role", "anon", { sub: firstUser, role: undefined }),
    await signedIn("a token of role anon", "anon", { sub: firstUser, role: "anon" }),
    owner,
    { ...owner, name: "the owner with the service key", apiKey: serviceKey },
    await user("another member", "owner", secondUser, { sts: undefined }),
    await user("a member whose token names another organization", "owner", secondUser, {
      o: { id: otherOrganization, rol: "admin" },
    }),
    await user("a member of another organization", "neighbour", neighbour),
    await user("a neighbour whose token names this organization", "neighbour", neighbour, {
      o: { id: sharedOrganization, rol: "admin" },
      org_id: sharedOrganization,
      org_role: "org:admin",
    }),
    await user("a former member", "outsider", formerMember),
    await user("a former member with an older token", "outsider", formerMember, {
      o: { id: sharedOrganization, rol: "admin" },
    }),
    await user("a member dismissed by the application", "outsider", dismissedMember),
    await user("a member of a deleted organization", "outsider", memberOfDeleted),
    await user(
      "a member of an organization closed by the application",
      "outsider",
      memberOfClosed,
    ),
    await user("a member deactivated by the application", "nobody", deactivatedUser),
    await signedIn("no sub", "nobody", {}),
    await signedIn("a token without a session", "nobody", { sub: firstUser, sid: undefined }),
    await signedIn("a token without a session that claims to be active", "nobody", {
      sub: firstUser,
      sid: undefined,
      sts: "active",
      o: { id: sharedOrganization, rol: "admin" },
    }),
    await signedIn("a pending session", "nobody", {
      sub: firstUser,
      sts: "pending",
      o: { id: sharedOrganization, rol: "admin" },
    }),
    ...await Promise.all(
      Object.entries(oddSubjects).map(([name, sub]) => signedIn(name, "nobody", { sub })),
    ),
    ...await Promise.all(
      Object.entries(impossibleSubjects).map(([name, sub]) => signedIn(name, "refused", { sub })),
    ),
    await signedIn("an expired token", "refused", { sub: firstUser, exp: 1 }),
    { ...owner, name: "a torn token", standing: "refused", token: `${owner.token}x`, own: [] },
    serviceKeyAlone(),
    { ...serviceKeyAlone(), name: "the service key as bearer", apiKey: anonKey, token: serviceKey },
    { ...serviceKeyAlone(), name: "the secret key", apiKey: stack.SECRET_KEY },
  ];
}

/** The credentials of the application's server. */
export function serviceKeyAlone(): Principal {
  const apiKey = runningStack().SERVICE_ROLE_KEY;
  return { name: "the service key", standing: "service", apiKey, own: [] };
}

/** Callers who do not even reach PostgREST, as on the platform. */
export async function keyless(): Promise<Principal[]> {
  const token = await signed({ sub: firstUser });
  const refused = { standing: "refused", own: [] } as const;
  return [
    { ...refused, name: "a token without an API key", apiKey: undefined, token },
    { ...refused, name: "a wrong API key", apiKey: "sb_secret_wrong", token },
    { ...refused, name: "a token as API key", apiKey: token },
  ];
}
