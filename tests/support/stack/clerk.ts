import { createClerkClient, type User } from "@clerk/backend";
import { z } from "zod";
import { askDouble } from "../../../local/clerk/control/client.ts";
import { runningStack } from "./running_stack.ts";

/** The double through Clerk's own client. */
export function clerk() {
  const { CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  return createClerkClient({
    apiUrl: CLERK_API_URL,
    secretKey: CLERK_SECRET_KEY,
    telemetry: { disabled: true },
  });
}

/** Signs a user up at Clerk, which sends a webhook. */
export function signUp(
  parts: Parameters<ReturnType<typeof clerk>["users"]["createUser"]>[0] = {},
): Promise<User> {
  const address = `${crypto.randomUUID()}@example.com`;
  return clerk().users.createUser({
    emailAddress: [address],
    firstName: "Ada",
    lastName: "Lovelace",
    ...parts,
  });
}

/** A fresh session token of the user. */
export async function signIn(userId: string): Promise<string> {
  const { sessions } = clerk();
  const session = await sessions.createSession({ userId });
  return (await sessions.getToken(session.id)).jwt;
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await askDouble(runningStack(), method, path, body);
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

/** Waits until no webhook is pending. */
export async function webhooksSettled(): Promise<void> {
  await control("GET", "settled");
}

/** Runs while Clerk sends no events, as if no webhook were set up. */
export function withoutWebhooks<T>(run: () => Promise<T>): Promise<T> {
  return withEndpoint(null, run);
}

/** Runs while Clerk sends its events to another address, and waits until they have arrived. */
export function withWebhooksTo<T>(url: string, run: () => Promise<T>): Promise<T> {
  return withEndpoint(url, run);
}

async function withEndpoint<T>(address: string | null, run: () => Promise<T>): Promise<T> {
  await webhooksSettled();
  const { url } = z.object({ url: z.string() }).parse(await control("GET", "endpoint"));
  await control("PUT", "endpoint", { url: address });
  try {
    const value = await run();
    await webhooksSettled();
    return value;
  } finally {
    await control("PUT", "endpoint", { url });
  }
}

/** Runs with or without events from Clerk for memberships that end with their organization or user. */
export async function withCascades(cascaded: boolean, run: () => Promise<unknown>): Promise<void> {
  await control("PUT", "endpoint", { cascaded_events: cascaded });
  try {
    await run();
    await webhooksSettled();
  } finally {
    await control("PUT", "endpoint", { cascaded_events: true });
  }
}

/** A session token signed by Clerk with exactly these claims. */
export async function signClaims(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const signed = { claims: { sid: "sess_of_these_claims", ...claims } };
  return z.object({ jwt: z.string() }).parse(await control("POST", "tokens", signed)).jwt;
}

/** A session token of the user that does not expire during a test. */
export function longToken(sub: string, seconds = 3600): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return signClaims({ sub, iat: now, nbf: now, exp: now + seconds });
}

/** A token of a session with pending tasks. */
export async function signInPending(userId: string): Promise<string> {
  const session = z.object({ id: z.string() }).parse(
    await control("POST", "sessions", { user_id: userId, status: "pending" }),
  );
  return z.object({ jwt: z.string() })
    .parse(await control("POST", "tokens", { session_id: session.id })).jwt;
}
