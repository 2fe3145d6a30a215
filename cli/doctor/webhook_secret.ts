import { z } from "zod";
import { Webhook } from "svix";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { call, type Called, describeSilence, jsonOf } from "./call.ts";
import { failed, ok, type Outcome } from "./check.ts";
import type { ClerkInstance } from "./clerk_api.ts";
import { type DeployedFunction, errorIn } from "./deployed_function.ts";

const messageId = "msg_doctor";

const received = z.object({ received: z.literal(true), outcome: z.literal("ignored") });

const setSecret =
  "Copy the endpoint's signing secret from Clerk (Configure, Webhooks, your endpoint) to " +
  "CLERK_WEBHOOK_SECRET, then: npx supabase secrets set --env-file supabase/functions/.env";

/** Whether the deployed function takes deliveries that are signed with the secrets given here. */
export async function checkWebhookSecret(
  { slug, url }: DeployedFunction,
  secrets: readonly string[],
  instance: ClerkInstance | undefined,
  environment: Environment,
): Promise<Outcome<undefined>> {
  const instanceId = instance?.id ?? variable(environment, "CLERK_INSTANCE_ID");
  const answers = await Promise.all(secrets.map((secret) => deliver(url, secret, instanceId)));
  const refused = answers.filter((called) =>
    typeof called !== "string" && errorIn(called.text)?.code === "invalid_signature"
  );
  if (refused.length > 0 && isClockOff(refused)) {
    return failed(
      "This machine's clock is wrong: signatures are taken for 5 minutes",
      "Set the clock",
    );
  }
  if (refused.length === answers.length) {
    return failed(`The secret of ${slug} is not the CLERK_WEBHOOK_SECRET given here`, setSecret);
  }
  if (refused.length > 0) {
    return failed(`${slug} does not have all secrets of CLERK_WEBHOOK_SECRET`, setSecret);
  }
  for (const called of answers) {
    if (typeof called === "string") {
      return failed(
        `${slug} ${describeSilence(called)}`,
        "Read its log: Supabase dashboard, Edge Functions",
      );
    }
    if (received.safeParse(jsonOf(called.text)).success) continue;
    const error = errorIn(called.text);
    if (error?.code !== "wrong_instance") {
      return failed(
        `${slug} answers a signed event with HTTP ${called.status}${error ? ` ${error.code}` : ""}`,
        "Read its log: Supabase dashboard, Edge Functions",
      );
    }
    // Without the instance's id, only the signature could be right.
    if (instanceId === undefined) continue;
    return failed(
      `${slug} refuses events of ${instanceId}: its CLERK_INSTANCE_ID names another instance`,
      `Set CLERK_INSTANCE_ID=${instanceId} with npx supabase secrets set, or unset it`,
    );
  }
  return ok(`${slug} takes deliveries signed with CLERK_WEBHOOK_SECRET`, undefined);
}

/** Sends an event of a type that is ignored. Nothing is written for it, even if it is refused. */
function deliver(url: string, secret: string, instanceId: string | undefined): Promise<Called> {
  const sentAt = new Date();
  const body = JSON.stringify({
    type: "session.created",
    object: "event",
    data: { object: "session" },
    timestamp: sentAt.getTime(),
    ...(instanceId === undefined ? {} : { instance_id: instanceId }),
  });
  return call(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "svix-id": messageId,
      "svix-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
      "svix-signature": new Webhook(secret).sign(messageId, sentAt, body),
    },
  });
}

/** Whether the answers' own times are out of Svix' tolerance. */
function isClockOff(answers: readonly Called[]): boolean {
  return answers.some((called) => {
    if (typeof called === "string") return false;
    const time = Date.parse(called.headers.get("date") ?? "");
    return Math.abs(time - Date.now()) > 4.5 * 60_000;
  });
}
