import type { WantedEndpoint } from "../hosted/endpoints.ts";
import { fail, type Failed } from "../hosted/outcome.ts";
import { secretsFile } from "../../local/own_instance/settings.ts";

/** A failure on the way through the portal, with the steps that go another way. */
export function describeByHand(
  { problem }: Failed,
  { url }: WantedEndpoint,
  events: readonly string[],
): Failed {
  const steps = [
    `${problem.next}. Or set the webhook up by hand:`,
    "1. In Clerk, open Configure, Webhooks, Add Endpoint",
    `2. Endpoint URL: ${url}`,
    `3. Subscribe to events: ${events.join(", ")}`,
    `4. Create it, and put its Signing Secret into ${secretsFile} as CLERK_WEBHOOK_SECRET`,
    "5. Run deploy again with --webhook-by-hand",
  ];
  return fail(problem.what, steps.join("\n"));
}
