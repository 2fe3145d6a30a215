import { createFindKey } from "../../../supabase/functions/_shared/clerk/keys.ts";
import { createSessionVerifier } from "../../../supabase/functions/_shared/session/session.ts";
import { createSigningKey } from "./session_tokens.ts";

/** A Clerk instance's key for tests without a stack. `verifySession()` accepts the tokens that it signs. */
export const instanceKey = await createSigningKey("ins_key_1");

/** Real verification with the instance's public key. */
export const verifySession = createSessionVerifier({
  findKey: createFindKey({ pem: instanceKey.pem }),
  authorizedParties: undefined,
});
