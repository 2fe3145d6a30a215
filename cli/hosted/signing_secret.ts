import { callSvix, type FoundEndpoint } from "./endpoints.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";
import type { SvixApp } from "./portal.ts";
import { digestOf, type Supabase } from "./supabase.ts";

/** The variables that the webhook reads its secrets from. */
export const secretNames = ["CLERK_WEBHOOK_SECRET", "CLERK_WEBHOOK_SIGNING_SECRET"] as const;
export type SecretName = typeof secretNames[number];

/** An endpoint's signing secret, and where the functions have it or should get it. */
export interface SigningSecret {
  readonly name: SecretName;
  readonly key: string;
  /** Whether exactly this is set. */
  readonly set: boolean;
  /** The other variable, if what is in it is accepted as well. */
  readonly also?: SecretName;
}

/**
 * Reads the endpoint's secret and compares it with the functions'. A variable that has the secret of
 * another endpoint belongs to another function, and is left alone.
 */
export async function readSigningSecret(
  { svix, appId }: SvixApp,
  supabase: Supabase,
  endpoint: FoundEndpoint,
  others: readonly FoundEndpoint[],
): Promise<Outcome<SigningSecret>> {
  const keyOf = ({ id }: FoundEndpoint) => callSvix(() => svix.endpoint.getSecret(appId, id));
  const own = await keyOf(endpoint);
  if (!own.ok) return own;
  const present = await supabase.secrets();
  if (!present.ok) return present;
  const { key } = own.value;
  const foreign = new Set<string>();
  for (const other of others.filter(({ id }) => id !== endpoint.id)) {
    const found = await keyOf(other);
    if (!found.ok) return found;
    foreign.add(digestOf(found.value.key));
  }
  const free = secretNames.filter((name) => !foreign.has(present.value.get(name) ?? ""));
  const taken = free.filter((name) => present.value.has(name));
  const holder = taken.find((name) => present.value.get(name) === digestOf(key));
  const name = holder ?? taken[0] ?? free[0];
  const also = taken.find((other) => other !== name);
  if (name) return succeed({ name, key, set: holder !== undefined, ...(also ? { also } : {}) });
  return fail(
    `${secretNames.join(" and ")} both have the secrets of other endpoints`,
    `Free one of them: the webhook takes several secrets in one, separated by spaces`,
  );
}
