import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { readWebhookSecrets } from "../../supabase/functions/_shared/settings/webhook.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { secretsFile } from "../../local/own_instance/settings.ts";
import { digestOf } from "../hosted/supabase.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/** The functions have the secret of an endpoint that was set up by hand. */
export function ownSecretStep({ supabase, environment }: Deployment): Step {
  const read = () => readOwn(environment);

  return {
    name: "signing secret",
    async check() {
      const secret = read();
      if (!secret.ok) return secret;
      const present = await supabase.secrets();
      if (!present.ok) return present;
      if (present.value.get("CLERK_WEBHOOK_SECRET") === digestOf(secret.value)) {
        return succeed({ done: true });
      }
      return succeed({ done: false, todo: "sets CLERK_WEBHOOK_SECRET" });
    },
    async apply() {
      const secret = read();
      if (!secret.ok) return secret;
      const set = await supabase.setSecrets({ CLERK_WEBHOOK_SECRET: secret.value });
      return set.ok ? succeed("CLERK_WEBHOOK_SECRET") : set;
    },
  };
}

/** The secret of an endpoint that was set up by hand. */
export function ownSecretOf({ environment }: Deployment) {
  return () => Promise.resolve(readOwn(environment));
}

function readOwn(environment: Environment): Outcome<string> {
  const secrets = readWebhookSecrets(environment);
  if (secrets.ok) return succeed(secrets.value.join(" "));
  return fail(
    secrets.failure.message ?? "CLERK_WEBHOOK_SECRET cannot be read",
    `Put the endpoint's Signing Secret into ${secretsFile} (in Clerk: Configure, Webhooks)`,
  );
}
