import { instanceKey } from "./instance.ts";
import { sessionToken, type TokenChanges } from "./session_tokens.ts";

/** A request with this Authorization header, or without one. */
export function bearing(authorization?: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  if (authorization !== undefined) headers.set("authorization", authorization);
  return new Request("http://localhost/function", { method: "POST", ...init, headers });
}

/** A request of a signed-in user. */
export async function signedIn(changes: TokenChanges = {}, init: RequestInit = {}) {
  return bearing(`Bearer ${await sessionToken(instanceKey, changes)}`, init);
}
