import assert from "node:assert/strict";
import { z } from "zod";
import { askDouble } from "../../../local/clerk/control/client.ts";
import { eventually } from "../eventually.ts";
import { runningStack } from "./running_stack.ts";

const messages = z.object({
  data: z.array(z.object({
    id: z.string(),
    type: z.string(),
    status: z.enum(["pending", "delivered", "failed", "missed"]),
    payload: z.looseObject({ timestamp: z.int() }),
    attempts: z.array(z.object({ status: z.int().nullable() })),
  })),
  counts: z.object({ pending: z.int(), delivered: z.int(), failed: z.int() }),
});

/** Svix' messages and their attempts, newest first, at most 1,000. */
export async function readMessages(filter: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({ limit: "1000", ...filter });
  const response = await askDouble(runningStack(), "GET", `messages?${query}`);
  return messages.parse(await response.json());
}

/** Waits until Svix has delivered everything. Fails if it gave anything up. */
export async function everythingDelivered(): Promise<void> {
  await eventually("Svix has delivered everything", async () => {
    const { counts } = await readMessages({ limit: "1" });
    assert.equal(counts.failed, 0);
    return counts.pending === 0;
  });
}

/** Makes Svix deliver a message again. */
export async function resend(messageId: string): Promise<void> {
  const response = await askDouble(runningStack(), "POST", `messages/${messageId}/resend`);
  await response.body?.cancel();
  assert.equal(response.status, 200);
}

/** Holds Svix' deliveries back or releases them. */
export async function pauseWebhooks(paused: boolean): Promise<void> {
  const response = await askDouble(runningStack(), "PUT", "endpoint", { paused });
  await response.body?.cancel();
  assert.equal(response.status, 200);
}
