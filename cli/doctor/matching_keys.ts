import { decodeBase64 } from "../../supabase/functions/_shared/base64.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { failed, ok, type Outcome } from "./check.ts";
import { readPublishableKey } from "./variables.ts";

/** Where frameworks keep Clerk's publishable key. */
const publishableNames = [
  "CLERK_PUBLISHABLE_KEY",
  "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
  "VITE_CLERK_PUBLISHABLE_KEY",
  "EXPO_PUBLIC_CLERK_PUBLISHABLE_KEY",
];

/** Whether keys that are given together belong together, and none is in the place of another. */
export function checkMatchingKeys(environment: Environment): Outcome<undefined> {
  const secretKey = variable(environment, "CLERK_SECRET_KEY");
  const live = secretKey?.startsWith("sk_live_") === true;
  for (const name of publishableNames) {
    const key = variable(environment, name);
    if (key === undefined) continue;
    if (!/^pk_(?:test|live)_/.test(key)) {
      return failed(
        `${name} is not a publishable key (pk_test_… or pk_live_…)`,
        `Copy ${name} again from Clerk: Configure, API keys. If a secret key was there, replace that key`,
      );
    }
    if (secretKey !== undefined && key.startsWith("pk_live_") !== live) return mixed(name);
    const issuer = variable(environment, "CLERK_ISSUER");
    if (issuer !== undefined && hostIn(key) !== URL.parse(issuer)?.host) {
      return failed(
        `CLERK_ISSUER is not the Frontend API of the instance that ${name} is of`,
        "Copy CLERK_ISSUER from Clerk: Configure, API keys, Frontend API URL",
      );
    }
  }
  const issuer = variable(environment, "CLERK_ISSUER");
  if (live && issuer?.includes(".accounts.dev")) return mixed("CLERK_ISSUER");
  const publishable = readPublishableKey(environment);
  if (publishable?.startsWith("sb_secret_")) {
    return failed(
      "A secret key is where Supabase's publishable key belongs",
      "Give the publishable key (sb_publishable_…) as SUPABASE_PUBLISHABLE_KEY, and replace the secret " +
        "key if a frontend has had it",
    );
  }
  return ok("Keys that belong together are of one kind", undefined);
}

function mixed(name: string) {
  return failed(
    `CLERK_SECRET_KEY and ${name} are of different instances: one of development, one of production`,
    "Copy both from one instance in Clerk: Configure, API keys",
  );
}

/** A publishable key holds the address of its instance's Frontend API. */
function hostIn(key: string): string | undefined {
  try {
    const text = new TextDecoder().decode(decodeBase64(key.replace(/^pk_(?:test|live)_/, "")));
    return text.replace(/\$$/, "");
  } catch {
    return undefined;
  }
}
