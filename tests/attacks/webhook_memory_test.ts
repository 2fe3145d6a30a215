/** How much memory senders without the secret can make clerk-webhook use. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { sendRaw } from "../support/raw_http.ts";
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
  await clerkWebhook().ready();
});
Deno.test.afterAll(() => attacked.stop());

function clerkWebhook() {
  const part = attacked.stack.functions.get("clerk-webhook");
  assert.ok(part);
  return part;
}

/** The function's own address, because the gateway would buffer bodies too. */
async function functionUrl(): Promise<string> {
  const file = join(attacked.stack.directory, "logs", "clerk-webhook.log");
  const url = [...(await Deno.readTextFile(file)).matchAll(/^listening on (\S+)$/gm)].at(-1)?.[1];
  assert.ok(url);
  return `${url}/clerk-webhook`;
}

/** Resident memory of the function's process, in MiB. */
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
 * Stalls deliveries with these headers while genuine ones come in. Returns how the stalled ones were
 * answered, and the function's largest growth of memory in MiB.
 */
async function attack(headers: () => Record<string, string>) {
  await clerkWebhook().restart();
  // The first requests leave some memory in use, which does not count.
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

// The function must check headers before it reads a body: else each test takes it from 75 to 440 MiB.

Deno.test("unsigned deliveries use no memory, however large they are", async () => {
  const { answers, growth } = await attack(() => ({ "svix-id": "msg_1" }));
  answers.delete("reset");
  assert.deepEqual([...answers], [401]);
  assert.ok(growth < 60, `grew by ${growth} MiB`);
});

Deno.test("stalled deliveries with false signatures use little memory and block no genuine delivery", async () => {
  const { answers, growth } = await attack(() => deliveryHeaders(signDelivery("{}")));
  answers.delete("reset");
  assert.deepEqual([...answers], [400]);
  assert.ok(growth < 150, `grew by ${growth} MiB`);
});

// A server gives every chunk a buffer of 64 KiB: keeping them would take a gigabyte.
Deno.test("a body in 20,000 chunks of a byte takes no more memory than its bytes", async () => {
  await clerkWebhook().restart();
  await deliverGenuine();
  const before = await residentMemory();
  const { status } = await sendRaw(await functionUrl(), {
    headers: [
      ...Object.entries(deliveryHeaders(signDelivery("{}"))),
      ["transfer-encoding", "chunked"],
    ],
    body: `${"1\r\nx\r\n".repeat(20_000)}0\r\n\r\n`,
  });
  assert.equal(status, 401);
  const growth = await residentMemory() - before;
  assert.ok(growth < 150, `grew by ${growth} MiB`);
});
