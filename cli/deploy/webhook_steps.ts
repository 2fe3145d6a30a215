import type { Deployment } from "./deployment.ts";
import { signingSecretStep } from "./signing_secret_step.ts";
import type { Step } from "./step.ts";
import type { SvixAccess } from "./svix_access.ts";
import { webhookEndpointStep } from "./webhook_endpoint_step.ts";
import { webhookSwitchStep } from "./webhook_switch_step.ts";

/**
 * The webhook's endpoint is there, the functions have its secret, and then it is switched on: so no
 * delivery ever meets a function that does not know the secret.
 */
export function webhookSteps(deployment: Deployment, access: SvixAccess): readonly Step[] {
  return [
    webhookEndpointStep(deployment, access),
    signingSecretStep(deployment, access),
    webhookSwitchStep(deployment, access),
  ];
}
