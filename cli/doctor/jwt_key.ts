import { readSessionSettings } from "../../supabase/functions/_shared/settings/session.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { isAmong, rsaKeySet } from "../hosted/signing_keys.ts";
import { type ClerkInstance, failClerk } from "./clerk_api.ts";
import { failed, ok, type Outcome } from "./check.ts";

const copyAgain =
  "Copy CLERK_JWT_KEY from Clerk: Configure, API keys, JWKS public key. Or unset it: the functions then read the keys themselves";

/** Whether the instance has signing keys, and CLERK_JWT_KEY is one of them. */
export async function checkJwtKey(
  { api }: ClerkInstance,
  environment: Environment,
): Promise<Outcome<undefined>> {
  const answer = await api.read("jwks");
  if (!answer.ok) return failClerk(answer.failure);
  const keys = rsaKeySet.safeParse(answer.value).data ?? [];
  if (keys.length === 0) {
    return failed("The Clerk instance shows no RSA key", "Check CLERK_API_URL");
  }
  const settings = readSessionSettings(environment);
  if (!settings.ok || !("pem" in settings.value.keys)) {
    return ok("CLERK_JWT_KEY is not set: the functions read the keys from Clerk", undefined);
  }
  return isAmong(keys, settings.value.keys.pem)
    ? ok("CLERK_JWT_KEY is a key of the instance", undefined)
    : failed("CLERK_JWT_KEY is not a key of the instance", copyAgain);
}
