import assert from "node:assert/strict";
import { ApiException, Svix } from "svix";
import { z } from "zod";
import { secretKey } from "./running_double.ts";

const portalKey = z.object({ appId: z.string(), oneTimeToken: z.string(), region: z.string() });

/** Asks Clerk's part of the double, with the secret key. */
export function askClerk(url: string, method: string, path: string): Promise<Response> {
  return fetch(`${url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${secretKey}` },
  });
}

/** What the fragment of the portal's address says. */
export async function readPortalKey(answer: Response): Promise<z.infer<typeof portalKey>> {
  const { svix_url: address } = z.object({ svix_url: z.url() }).parse(await answer.json());
  const key = new URLSearchParams(new URL(address).hash.slice(1)).get("key") ?? "";
  return portalKey.parse(JSON.parse(atob(key)));
}

/** Exchanges a token that works once. */
export function exchange(url: string, oneTimeToken: string): Promise<Response> {
  return fetch(`${url}/api/v1/auth/one-time-token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ oneTimeToken }),
  });
}

/** Svix' own client, let in through the portal as a browser would be. */
export async function openPortal(url: string): Promise<{ svix: Svix; appId: string }> {
  let answer = await askClerk(url, "POST", "webhooks/svix_url");
  if (!answer.ok) {
    await answer.body?.cancel();
    answer = await askClerk(url, "POST", "webhooks/svix");
  }
  const { appId, oneTimeToken } = await readPortalKey(answer);
  const { token } = z.object({ token: z.string() })
    .parse(await (await exchange(url, oneTimeToken)).json());
  return { svix: new Svix(token, { serverUrl: url }), appId };
}

/** Awaits a refusal. Returns its status and what Svix' client read. */
export async function svixRefusal(request: Promise<unknown>) {
  const error: unknown = await request.then(
    () => assert.fail("The request was not refused"),
    (error) => error,
  );
  assert.ok(error instanceof ApiException, Deno.inspect(error));
  return { status: error.code, body: error.body };
}
