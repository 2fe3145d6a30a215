import { type PublicJwk, readInstanceKey } from "./clerk/keys/instance_key.ts";
import type { Keys } from "./keys/keys.ts";
import type { StackValues } from "./values.ts";

/** Clerk, as the rest of a stack sees it: the double, or the developer's own instance. */
export type ClerkSource = {
  /** The keys that verify session tokens. */
  jwks: readonly PublicJwk[];
  /** Variables of the functions, which the secrets file cannot change. */
  environment: Readonly<Record<string, string>>;
  values: Pick<
    StackValues,
    | "CLERK_API_URL"
    | "CLERK_SECRET_KEY"
    | "CLERK_WEBHOOK_SECRET"
    | "CLERK_INSTANCE_ID"
    | "CLERK_JWT_KEY"
  >;
};

/** Describes the double with a stack's keys. */
export async function describeDouble(keys: Keys, url: string): Promise<ClerkSource> {
  const { publicJwk, publicKeyPem } = await readInstanceKey(keys.clerkPrivateKeyPem);
  const environment = {
    CLERK_API_URL: url,
    CLERK_SECRET_KEY: keys.clerkSecretKey,
    CLERK_WEBHOOK_SECRET: keys.clerkWebhookSecret,
  };
  return {
    jwks: [publicJwk],
    environment,
    values: {
      ...environment,
      CLERK_INSTANCE_ID: keys.clerkInstanceId,
      CLERK_JWT_KEY: escapeNewlines(publicKeyPem),
    },
  };
}

/** A PEM on one line, as CLERK_JWT_KEY takes it. */
export function escapeNewlines(pem: string): string {
  return pem.trim().replaceAll("\n", "\\n");
}
