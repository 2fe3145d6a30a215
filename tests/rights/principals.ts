import { signClaims } from "../http/clerk.ts";
import { runningStack } from "../running_stack.ts";
import { exUser, firstUser, secondUser } from "./fixtures.ts";

/**
 * What a request's credentials amount to. `owner`: a signed-in user with a row of their own; `nobody`: a
 * signed-in user without one, or whose row is inactive, or whose session is not complete; `refused`: no
 * credentials that anything takes.
 */
export type Standing = "anon" | "owner" | "nobody" | "service" | "refused";

/** Somebody who asks. */
export interface Principal {
  readonly name: string;
  readonly standing: Standing;
  /** As `apikey`; undefined: none is sent. */
  readonly apiKey: string | undefined;
  /** As the bearer; undefined: none is sent. */
  readonly token?: string;
  /** The Clerk id whose row is theirs. */
  readonly clerkId?: string;
}

/** Subjects that are not the Clerk id of any row, but may be taken for one. */
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

/** Subjects that RFC 7519 does not have. */
const impossibleSubjects: Readonly<Record<string, unknown>> = {
  "a number as sub": 1,
  "true as sub": true,
  "an array as sub": [firstUser],
  "an object as sub": { toString: firstUser },
};

/** A token that Clerk's key has signed, with the role that Clerk's Supabase integration adds. */
export function signed(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const expiry = Math.floor(Date.now() / 1000) + 600;
  return signClaims({ role: "authenticated", exp: expiry, ...claims });
}

/** Everybody. */
export async function principals(): Promise<Principal[]> {
  const stack = runningStack();
  const { ANON_KEY: anonKey, SERVICE_ROLE_KEY: serviceKey } = stack;
  const signedIn = async (
    name: string,
    standing: Standing,
    claims: Record<string, unknown>,
    clerkId?: string,
  ): Promise<Principal> => ({
    name,
    standing,
    apiKey: anonKey,
    token: await signed(claims),
    ...(clerkId === undefined ? {} : { clerkId }),
  });
  const owner = await signedIn("the owner", "owner", { sub: firstUser, sts: "active" }, firstUser);
  return [
    { name: "the anon key", standing: "anon", apiKey: anonKey },
    { name: "the anon key as bearer", standing: "anon", apiKey: anonKey, token: anonKey },
    { name: "the publishable key", standing: "anon", apiKey: stack.PUBLISHABLE_KEY },
    await signedIn("a token without a role", "anon", { sub: firstUser, role: undefined }),
    await signedIn("a token of role anon", "anon", { sub: firstUser, role: "anon" }),
    owner,
    { ...owner, name: "the owner with the service key", apiKey: serviceKey },
    await signedIn("another user", "owner", { sub: secondUser }, secondUser),
    await signedIn("no sub", "nobody", {}),
    await signedIn("a pending session", "nobody", { sub: firstUser, sts: "pending" }),
    ...await Promise.all(
      Object.entries(oddSubjects).map(([name, sub]) => signedIn(name, "nobody", { sub })),
    ),
    ...await Promise.all(
      Object.entries(impossibleSubjects).map(([name, sub]) => signedIn(name, "refused", { sub })),
    ),
    await signedIn("an expired token", "refused", { sub: firstUser, exp: 1 }),
    { name: "a torn token", standing: "refused", apiKey: anonKey, token: `${owner.token}x` },
    { name: "the service key", standing: "service", apiKey: serviceKey },
    { name: "the service key as bearer", standing: "service", apiKey: anonKey, token: serviceKey },
    { name: "the secret key", standing: "service", apiKey: stack.SECRET_KEY },
  ];
}

/** Who does not even reach PostgREST, on the platform as here. */
export async function keyless(): Promise<Principal[]> {
  const token = await signed({ sub: firstUser });
  return [
    { name: "a token without an API key", standing: "refused", apiKey: undefined, token },
    { name: "a wrong API key", standing: "refused", apiKey: "sb_secret_wrong", token },
    { name: "a token as API key", standing: "refused", apiKey: token },
  ];
}
