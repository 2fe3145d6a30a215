import type { Printer } from "../../local/printer.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { passes, renderTable } from "../doctor/report.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import { optionalSecrets } from "./secrets_step.ts";
import { lookOnly, type Step } from "./step.ts";

/** The whole chain works. Prints doctor's table. */
export function doctorStep(
  deployment: Deployment,
  printer: Printer,
  webhookSecret: () => Promise<Outcome<string>>,
): Step {
  const { environment, access, clerkAccess, apiKeys, instanceId, examine } = deployment;

  async function describeProject(): Promise<Outcome<Environment>> {
    const keys = await apiKeys();
    if (!keys.ok) return keys;
    const id = await instanceId();
    if (!id.ok) return id;
    const secret = await webhookSecret();
    if (!secret.ok) return secret;
    return succeed({
      ...Object.fromEntries(optionalSecrets.map((name) => [name, variable(environment, name)])),
      SUPABASE_URL: access.url,
      SUPABASE_KEY: keys.value.secret,
      SUPABASE_PUBLISHABLE_KEY: keys.value.publishable,
      DB_CONNECTION_STRING: variable(environment, "DB_CONNECTION_STRING"),
      CLERK_SECRET_KEY: clerkAccess.secretKey,
      CLERK_API_URL: clerkAccess.apiUrl,
      CLERK_INSTANCE_ID: id.value,
      CLERK_WEBHOOK_SECRET: secret.value,
    });
  }

  return lookOnly("doctor", async () => {
    const variables = await describeProject();
    if (!variables.ok) return variables;
    const findings = await examine(variables.value);
    if (findings.length > 0) printer.line(`\n${renderTable(findings, false)}\n`);
    if (passes(findings)) return succeed("nothing failed");
    return fail(
      "A check has failed",
      "Do what the arrows in the table say. Then run doctor, or deploy again",
    );
  });
}
