import type { Deployment } from "./deployment.ts";
import { functionsStep } from "./functions_step.ts";
import { instanceStep } from "./instance_step.ts";
import { migrationsStep } from "./migrations_step.ts";
import { ownSecretStep } from "./own_secret_step.ts";
import { projectStep } from "./project_step.ts";
import { roleStep } from "./role_step.ts";
import { secretsStep } from "./secrets_step.ts";
import type { Step } from "./step.ts";
import { thirdPartyAuthStep } from "./third_party_auth_step.ts";
import { webhookSteps } from "./webhook_steps.ts";

/**
 * From nothing to live. The order matters: the webhook is switched on only when the functions are there
 * and know its secret. It is also the one part that Clerk does not document, so all else comes before.
 */
export function deploySteps(
  deployment: Deployment,
  { webhookByHand }: { webhookByHand: boolean },
): readonly Step[] {
  return [
    projectStep(deployment),
    instanceStep(deployment),
    migrationsStep(deployment),
    functionsStep(deployment),
    secretsStep(deployment),
    thirdPartyAuthStep(deployment),
    roleStep(deployment),
    ...(webhookByHand ? [ownSecretStep(deployment)] : webhookSteps(deployment)),
    // Here follow backfill with its schedule, and doctor.
  ];
}
