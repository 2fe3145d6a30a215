import { z } from "zod";
import { decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import { call, jsonOf } from "./call.ts";
import { failed, ok, type Outcome, skipped } from "./check.ts";
import type { ClerkInstance } from "./clerk_api.ts";

/** A session token as an app's frontend has it. Never shown. */
export interface SessionToken {
  readonly jwt: string;
  readonly claims: z.infer<typeof tokenClaims>;
  /** Whether it is the app's, by `--token`. Otherwise it is of a session that doctor has begun. */
  readonly given: boolean;
}

const tokenClaims = z.object({
  iss: z.string(),
  sub: z.string(),
  exp: z.number(),
  role: z.unknown().optional(),
});

const users = z.array(z.object({
  id: z.string().regex(/^user_\w+$/),
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
}));
const session = z.object({ id: z.string().regex(/^sess_\w+$/) });
const minted = z.object({ jwt: z.string() });

/** How to have a token that doctor cannot get itself. */
export const byHand =
  "Give one, which lives for a minute: sign in to your app, run await Clerk.session.getToken() in the " +
  "browser's console, and pass it on with --token";

/**
 * Gets a real session token: the given one, or, in a development instance, one of a new session of the
 * user who changed last. The session is ended again.
 */
export async function checkSessionToken(
  instance: ClerkInstance,
  given: string | undefined,
): Promise<Outcome<SessionToken>> {
  if (given !== undefined) return readGiven(given);
  if (instance.production) {
    return skipped("A production instance signs nobody in for a program", byHand);
  }
  const listed = await instance.api.read(
    "users",
    new URLSearchParams({ limit: "20", order_by: "-updated_at" }),
  );
  const user = listed.ok
    ? users.safeParse(listed.value).data?.find(({ banned, locked }) => !banned && !locked)
    : undefined;
  if (!user) return skipped("Clerk has no user to sign in", byHand);
  const created = session.safeParse(await post(instance, "sessions", { user_id: user.id })).data;
  if (!created) return skipped("Clerk does not sign a user in for a program", byHand);
  const jwt = minted.safeParse(await post(instance, `sessions/${created.id}/tokens`, {})).data?.jwt;
  await post(instance, `sessions/${created.id}/revoke`, {});
  const token = jwt === undefined ? undefined : read(jwt, false);
  return token
    ? ok("Clerk gives a session token", token)
    : skipped("Clerk gives no token for a new session", byHand);
}

function readGiven(given: string): Outcome<SessionToken> {
  const token = read(given.trim(), true);
  if (!token) return failed("The text after --token is not a session token", byHand);
  if (token.claims.exp * 1000 < Date.now()) return failed("The given token has expired", byHand);
  return ok("A session token was given", token);
}

function read(jwt: string, given: boolean): SessionToken | undefined {
  try {
    const payload = new TextDecoder().decode(decodeBase64Url(jwt.split(".")[1] ?? ""));
    const claims = tokenClaims.safeParse(JSON.parse(payload)).data;
    return claims && { jwt, claims, given };
  } catch {
    return undefined;
  }
}

async function post({ settings }: ClerkInstance, path: string, body: unknown): Promise<unknown> {
  const called = await call(`${settings.apiUrl.replace(/\/+$/, "")}/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${settings.secretKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return typeof called === "string" ? undefined : jsonOf(called.text);
}
