/** What senders without the secret can make clerk-webhook hold in memory, and what they cannot. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { deliver } from "../support/stack/deliver.ts";
import { readSizes } from "../support/stack/memory.ts";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";
import { deliveryHeaders, signDelivery } from "./signed_delivery.ts";
import { stallDeliveries } from "./stalled_deliveries.ts";

const connections = 120;
const mebibyte = 1024 * 1024;

let attacked: AttackedStack;

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
});
Deno.test.afterAll(() => attacked.stop());

function clerkWebhook() {
  const part = attacked.stack.functions.get("clerk-webhook");
  assert.ok(part);
  return part;
}

/** Where the function itself listens: the gateway would hold bodies of its own. */
async function functionUrl(): Promise<string> {
  const file = join(attacked.stack.directory, "logs", "clerk-webhook.log");
  const url = [...(await Deno.readTextFile(file)).matchAll(/^listening on (\S+)$/gm)].at(-1)?.[1];
  assert.ok(url);
  return `${url}/clerk-webhook`;
}

/** MiB that are resident in the function's process. */
async function residentMemory(): Promise<number> {
  const { pid } = clerkWebhook();
  assert.ok(pid);
  return (await readSizes([pid])).get(pid) ?? NaN;
}

async function deliverGenuine(): Promise<void> {
  const answer = await deliver(eventBody("user.created", clerkUserJson({ id: newClerkId() })));
  assert.deepEqual([answer.status, answer.body], [200, { received: true, outcome: "applied" }]);
}

/**
 * Stalls deliveries with these headers while genuine ones come in, and tells how each stalled one was
 * answered, and by how many MiB the function's memory grew at most.
 */
async function attack(headers: () => Record<string, string>) {
  await clerkWebhook().restart();
  // What the first requests leave behind does not count.
  for (let index = 0; index < 20; index++) await deliverGenuine();
  const before = await residentMemory();
  let most = before;
  let isUnderWay = true;
  const attempt = stallDeliveries(await functionUrl(), connections, () => ({
    headers: Object.entries(headers()),
    size: mebibyte,
  })).finally(() => isUnderWay = false);
  do {
    await deliverGenuine();
    most = Math.max(most, await residentMemory());
  } while (isUnderWay);
  return { answers: new Set(await attempt), growth: most - before };
}

// Before the headers were looked at first, each of these took the function from 75 to 440 MiB.

Deno.test("unsigned deliveries take up no memory, however large they are", async () => {
  const { answers, growth } = await attack(() => ({ "svix-id": "msg_1" }));
  answers.delete("reset");
  assert.deepEqual([...answers], [401]);
  assert.ok(growth < 60, `grew by ${growth} MiB`);
});

Deno.test("stalled deliveries with false signatures take up little memory and block no genuine one", async () => {
  const { answers, growth } = await attack(() => deliveryHeaders(signDelivery("{}")));
  answers.delete("reset");
  assert.deepEqual([...answers], [400]);
  assert.ok(growth < 150, `grew by ${growth} MiB`);
});
