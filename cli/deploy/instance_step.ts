import { variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { fail, succeed } from "../hosted/outcome.ts";
import { secretsFile } from "../../local/own_instance/settings.ts";
import type { Deployment } from "./deployment.ts";
import { lookOnly, type Step } from "./step.ts";

/** The secret key opens the Clerk instance that the settings mean. */
export function instanceStep({ instanceId, issuer, environment }: Deployment): Step {
  return lookOnly("Clerk instance", async () => {
    const id = await instanceId();
    if (!id.ok) return id;
    const address = await issuer();
    if (!address.ok) return address;
    const expected = [
      ["CLERK_INSTANCE_ID", id.value],
      ["CLERK_ISSUER", address.value],
    ] as const;
    for (const [name, actual] of expected) {
      const meant = variable(environment, name)?.replace(/\/+$/, "");
      if (meant === undefined || meant === actual) continue;
      return fail(
        `CLERK_SECRET_KEY is of another instance: ${name} is ${meant}, but the key's is ${actual}`,
        `Set both of the same instance in ${secretsFile}, or take ${name} out`,
      );
    }
    return succeed(`${id.value}, ${address.value}`);
  });
}
