import { z } from "zod";
import { failed, ok, type Outcome, warn } from "./check.ts";
import type { WebhookEndpoint } from "./webhook_endpoint.ts";

const attempts = z.object({
  data: z.array(z.object({
    msgId: z.string(),
    /** 0: success, 1: pending, 2: failure, 3: sending. */
    status: z.int(),
    responseStatusCode: z.int(),
  })),
});

const secret = z.object({ key: z.string() });

/** Milliseconds to look back. */
const day = 86_400_000;

/** What to do about each status that an endpoint is likely to answer with. */
const remedies = new Map([
  [401, "Set the endpoint's signing secret as CLERK_WEBHOOK_SECRET of the function"],
  [404, "Deploy clerk-webhook, or correct the endpoint's URL in Clerk: Configure, Webhooks"],
]);
const usualRemedy =
  "Read the function's log (Supabase dashboard, Edge Functions), and mend what it names";

/** Whether what Svix has sent in the last 24 hours has arrived in the end. */
export async function checkWebhookAttempts(
  { portal, id }: WebhookEndpoint,
): Promise<Outcome<undefined>> {
  const query = new URLSearchParams({
    limit: "250",
    after: new Date(Date.now() - day).toISOString(),
    with_content: "false",
  });
  const listed = await portal.read(`attempt/endpoint/${id}?${query}`, attempts);
  if (!listed) {
    return warn(
      "Svix does not list the attempts",
      "Look yourself, in Clerk: Configure, Webhooks, your endpoint",
      undefined,
    );
  }
  // The newest first: a message that has failed and then arrived is no problem.
  const arrived = new Set(
    listed.data.filter(({ status }) => status === 0).map(({ msgId }) => msgId),
  );
  const lost = new Map<string, number>();
  for (const { msgId, status, responseStatusCode } of listed.data) {
    if (status !== 2 || arrived.has(msgId) || lost.has(msgId)) continue;
    lost.set(msgId, responseStatusCode);
  }
  if (lost.size === 0) {
    return ok(
      listed.data.length === 0
        ? "Svix has sent nothing in the last 24 hours"
        : `All of the last ${arrived.size} messages have arrived`,
      undefined,
    );
  }
  const codes = [...new Set(lost.values())].sort((one, other) => one - other);
  const [most = 0] = codes.toSorted((one, other) => count(lost, other) - count(lost, one));
  return failed(
    `${lost.size} of the last ${lost.size + arrived.size} messages have not arrived: ${
      codes.map((code) => `${describe(code)} × ${count(lost, code)}`).join(", ")
    }`,
    `${remedies.get(most) ?? usualRemedy}. Then send them again: deno task replay`,
  );
}

/** Whether Svix signs with a secret that is given here. */
export async function checkSigningSecret(
  { portal, id }: WebhookEndpoint,
  secrets: readonly string[],
): Promise<Outcome<undefined>> {
  const read = await portal.read(`endpoint/${id}/secret`, secret);
  if (!read) {
    return warn(
      "Svix does not tell the endpoint's signing secret",
      "Compare it yourself, in Clerk: Configure, Webhooks, your endpoint",
      undefined,
    );
  }
  if (secrets.includes(read.key)) return ok("Svix signs with CLERK_WEBHOOK_SECRET", undefined);
  return failed(
    "Svix signs with another secret than CLERK_WEBHOOK_SECRET",
    "Copy the endpoint's signing secret from Clerk: Configure, Webhooks, your endpoint",
  );
}

function count(lost: ReadonlyMap<string, number>, code: number): number {
  return [...lost.values()].filter((other) => other === code).length;
}

/** Svix gives 0 if there was no answer. */
function describe(code: number): string {
  return code === 0 ? "no answer" : `HTTP ${code}`;
}
