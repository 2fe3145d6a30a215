import { secretsFile } from "../../local/own_instance/settings.ts";
import {
  readSessionSettings,
  type SessionSettings,
} from "../../supabase/functions/_shared/settings/session.ts";
import { variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { isAmong } from "../hosted/signing_keys.ts";
import { digestOf } from "../hosted/supabase.ts";
import type { Deployment } from "./deployment.ts";
import { lookOnly, type Step } from "./step.ts";

/**
 * The secret key opens the Clerk instance that the settings mean, and that the project is in step with.
 * The functions' settings are read here, before anything changes: with a wrong one, nobody would get in.
 */
export function instanceStep(deployment: Deployment): Step {
  const { instanceId, issuer, environment } = deployment;
  return lookOnly("Clerk instance", async () => {
    const settings = readSessionSettings(environment);
    if (!settings.ok) {
      return fail(
        settings.failure.message ?? "The functions' settings cannot be read",
        `Mend it in the environment or in ${secretsFile}, or take it out`,
      );
    }
    const id = await instanceId();
    if (!id.ok) return id;
    const address = await issuer();
    if (!address.ok) return address;
    const expected = [
      ["CLERK_INSTANCE_ID", variable(environment, "CLERK_INSTANCE_ID"), id.value],
      ["CLERK_ISSUER", settings.value.issuer, address.value],
    ] as const;
    for (const [name, meant, actual] of expected) {
      if (meant === undefined || meant === actual) continue;
      return fail(
        `CLERK_SECRET_KEY is of another instance: ${name} is ${meant}, but the key's is ${actual}`,
        `Set both of the same instance in ${secretsFile}, or take ${name} out`,
      );
    }
    const key = await checkKey(deployment, settings.value);
    if (!key.ok) return key;
    const same = await checkEarlier(deployment, id.value);
    return same.ok ? succeed(`${id.value}, ${address.value}`) : same;
  });
}

/** CLERK_JWT_KEY is the instance's. */
async function checkKey(
  { clerk }: Deployment,
  { keys }: SessionSettings,
): Promise<Outcome<void>> {
  if (!("pem" in keys)) return succeed(undefined);
  const signing = await clerk.signingKeys();
  if (!signing.ok) return signing;
  if (isAmong(signing.value, keys.pem)) return succeed(undefined);
  return fail(
    "CLERK_JWT_KEY is not a key of the instance that CLERK_SECRET_KEY is of",
    "Copy it again (in Clerk: Configure, API keys, JWKS public key), or take it out",
  );
}

/**
 * An earlier run was of the same instance. From a move, the functions refuse the earlier instance's
 * events for good, so it must be meant.
 */
async function checkEarlier(
  { supabase, access, environment }: Deployment,
  id: string,
): Promise<Outcome<void>> {
  const present = await supabase.secrets();
  if (!present.ok) return present;
  const earlier = present.value.get("CLERK_INSTANCE_ID");
  const isMeant = variable(environment, "CLERK_INSTANCE_ID") === id;
  if (earlier === undefined || earlier === digestOf(id) || isMeant) return succeed(undefined);
  return fail(
    `The project ${access.ref} belongs to another Clerk instance than CLERK_SECRET_KEY, which is of ${id}`,
    `Take the key of that instance. Or move the project to this one: see ` +
      `"From a development to a production instance" in docs/operations.md, and set CLERK_INSTANCE_ID=${id}`,
  );
}
