import { instanceKey } from "./handlers.ts";
import { bearing } from "./requests.ts";
import { sessionToken, type TokenChanges } from "./session_tokens.ts";

/** A request of a signed-in user. */
export async function signedIn(changes: TokenChanges = {}, init: RequestInit = {}) {
  return bearing(`Bearer ${await sessionToken(instanceKey, changes)}`, init);
}
