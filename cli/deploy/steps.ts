import type { Printer } from "../../local/printer.ts";
import { backfillStep } from "./backfill_step.ts";
import { doctorStep } from "./doctor_step.ts";
import type { Deployment } from "./deployment.ts";
import { functionsStep } from "./functions_step.ts";
import { instanceStep } from "./instance_step.ts";
import { migrationsStep } from "./migrations_step.ts";
import { ownSecretOf, ownSecretStep } from "./own_secret_step.ts";
import { projectStep } from "./project_step.ts";
import { roleStep } from "./role_step.ts";
import { scheduleStep } from "./schedule_step.ts";
import { secretsStep } from "./secrets_step.ts";
import { signingSecretOf } from "./signing_secret_step.ts";
import { openSvix } from "./svix_access.ts";
import type { Step } from "./step.ts";
import { thirdPartyAuthStep } from "./third_party_auth_step.ts";
import { webhookSteps } from "./webhook_steps.ts";

export interface StepChoices {
  /** Upload the functions' files as they are, in place of one file each. */
  readonly sources: boolean;
  /** The endpoint was set up in Clerk's dashboard. */
  readonly webhookByHand: boolean;
  /** Write everybody whom Clerk has. */
  readonly backfill: boolean;
  /** Let pg_cron reconcile. */
  readonly schedule: boolean;
  readonly dryRun: boolean;
  readonly printer: Printer;
}

/**
 * From nothing to live. The order matters: the webhook is switched on only when the functions are there
 * and know its secret. It is also the one part that Clerk does not document, so all else comes before.
 */
export function deploySteps(
  deployment: Deployment,
  { sources, webhookByHand, backfill, schedule, dryRun, printer }: StepChoices,
): readonly Step[] {
  const svix = openSvix(deployment);
  const secret = webhookByHand ? ownSecretOf(deployment) : signingSecretOf(deployment, svix);
  return [
    projectStep(deployment),
    instanceStep(deployment),
    migrationsStep(deployment),
    functionsStep(deployment, sources),
    secretsStep(deployment),
    thirdPartyAuthStep(deployment),
    roleStep(deployment),
    ...(webhookByHand ? [ownSecretStep(deployment)] : webhookSteps(deployment, svix)),
    // What changes meanwhile comes by webhook.
    ...(backfill ? [backfillStep(deployment, printer)] : []),
    ...(schedule ? [scheduleStep(deployment)] : []),
    ...(dryRun ? [] : [doctorStep(deployment, printer, secret)]),
  ];
}
