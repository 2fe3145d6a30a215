import { variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { type Outcome, succeed } from "../hosted/outcome.ts";
import { digestOf } from "../hosted/supabase.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/** What the functions also read, if the operator has set it. */
export const optionalSecrets = ["CLERK_JWT_KEY", "CLERK_AUTHORIZED_PARTIES", "CLERK_ISSUER"];

/** The functions have their secrets, but for the webhook's. Only digests of those set can be read. */
export function secretsStep({ supabase, instanceId, clerkAccess, environment }: Deployment): Step {
  async function lacking(): Promise<Outcome<Record<string, string>>> {
    const id = await instanceId();
    if (!id.ok) return id;
    const present = await supabase.secrets();
    if (!present.ok) return present;
    const wanted: [string, string | undefined][] = [
      ["CLERK_SECRET_KEY", clerkAccess.secretKey],
      ["CLERK_INSTANCE_ID", id.value],
      ...optionalSecrets.map((
        name,
      ): [string, string | undefined] => [name, variable(environment, name)]),
    ];
    return succeed(
      Object.fromEntries(
        wanted.flatMap(([name, value]) =>
          value === undefined || present.value.get(name) === digestOf(value) ? [] : [[name, value]]
        ),
      ),
    );
  }

  return {
    name: "functions' secrets",
    async check() {
      const values = await lacking();
      if (!values.ok) return values;
      const names = Object.keys(values.value);
      if (names.length === 0) return succeed({ done: true });
      return succeed({ done: false, todo: `sets ${names.join(", ")}` });
    },
    async apply() {
      const values = await lacking();
      if (!values.ok) return values;
      const set = await supabase.setSecrets(values.value);
      return set.ok ? succeed(Object.keys(values.value).join(", ")) : set;
    },
  };
}
