import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { readSigningSecret, type SigningSecret } from "../hosted/signing_secret.ts";
import type { Supabase } from "../hosted/supabase.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";
import type { SvixAccess } from "./svix_access.ts";

/** The secret that the endpoint signs with. */
export function signingSecretOf({ supabase }: Deployment, access: SvixAccess) {
  return async (): Promise<Outcome<string>> => {
    const found = await readSecret(supabase, access);
    if (!found.ok) return found;
    return found.value ? succeed(found.value.key) : fail("The endpoint has gone", "Run it again");
  };
}

/** The functions have the secret that the endpoint signs with. */
export function signingSecretStep({ supabase }: Deployment, access: SvixAccess): Step {
  const read = () => readSecret(supabase, access);

  return {
    name: "signing secret",
    async check() {
      const secret = await read();
      if (!secret.ok) return secret;
      if (secret.value?.set) {
        const { also } = secret.value;
        return succeed({ done: true, note: also ? `what ${also} has is accepted as well` : "" });
      }
      return succeed({
        done: false,
        todo: `sets ${secret.value?.name ?? "it, once the endpoint is there"}`,
      });
    },
    async apply() {
      const secret = await read();
      if (!secret.ok) return secret;
      if (!secret.value) return fail("The endpoint has gone", "Run it again");
      const { name, key } = secret.value;
      const set = await supabase.setSecrets({ [name]: key });
      return set.ok ? succeed(name) : set;
    },
  };
}

/** Undefined if there is no endpoint. */
async function readSecret(
  supabase: Supabase,
  access: SvixAccess,
): Promise<Outcome<SigningSecret | undefined>> {
  const found = await access.find();
  if (!found.ok) return found;
  const { app, endpoint, endpoints } = found.value;
  if (!app || !endpoint) return succeed(undefined);
  return await readSigningSecret(app, supabase, endpoint, endpoints);
}
