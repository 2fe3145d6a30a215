import assert from "node:assert/strict";
import { readDeliveryHeaders } from "../../supabase/functions/_shared/webhook/delivery_headers.ts";

const sentAt = 1_767_225_600;
const signature = `v1,${btoa("x".repeat(32))}`;

/** What the headers claim if read `age` seconds after sending, or the reason of their refusal. */
function read(changes: Readonly<Record<string, string | null>> = {}, age = 0) {
  const headers = new Headers();
  const all = { id: "msg_1", timestamp: String(sentAt), signature, ...changes };
  for (const [name, value] of Object.entries(all)) {
    if (value !== null) headers.set(name.includes("-") ? name : `svix-${name}`, value);
  }
  const claimed = readDeliveryHeaders(headers, (sentAt + age) * 1000 + 999);
  if (claimed.ok) return claimed.value;
  assert.equal(claimed.failure.code, "invalid_signature");
  return claimed.failure.reason;
}

Deno.test("readDeliveryHeaders() returns what well-formed headers claim", () => {
  assert.deepEqual(read(), { id: "msg_1", sentAt, signatures: signature });
});

const malformed: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  "no id": { id: null },
  "an empty id": { id: "" },
  "an id that is too long": { id: "m".repeat(257) },
  "no time": { timestamp: null },
  "an empty time": { timestamp: "" },
  "a time that is not a number": { timestamp: "yesterday" },
  "a time with a fraction": { timestamp: `${sentAt}.5` },
  "a time with an exponent": { timestamp: `${sentAt}e0` },
  "a time with something after it": { timestamp: `${sentAt}x` },
  "a negative time": { timestamp: `-${sentAt}` },
  "two times": { timestamp: `${sentAt}, ${sentAt}` },
  "no signature": { signature: null },
  "an empty signature": { signature: "" },
  "only a version": { signature: "v1," },
  "a signature without a version": { signature: signature.slice(3) },
  "a signature of another version": { signature: signature.replace("v1", "v1a") },
  "a signature of 31 bytes": { signature: `v1,${btoa("x".repeat(31))}` },
  "a signature of 33 bytes": { signature: `v1,${btoa("x".repeat(33))}` },
  "a signature in base64url": { signature: `v1,${"_".repeat(43)}=` },
  "a signature without padding": { signature: signature.replace("=", "") },
  "a signature with something after it": { signature: `${signature}AAAA` },
  "an empty svix-id beside a webhook-id": { id: "", "webhook-id": "msg_1" },
};

for (const [what, changes] of Object.entries(malformed)) {
  Deno.test(`readDeliveryHeaders() refuses ${what}`, () => {
    assert.equal(read(changes), "headers");
  });
}

for (
  const signatures of [
    `v1a,AAAA ${signature}`,
    `v1,short ${signature} v2`,
    // Two headers with this name are read as one.
    `v1,short, ${signature}`,
    `${signature}, v1,short`,
  ]
) {
  Deno.test(`readDeliveryHeaders() accepts one well-formed signature among other texts: ${signatures}`, () => {
    assert.deepEqual(read({ signature: signatures }), { id: "msg_1", sentAt, signatures });
  });
}

Deno.test("readDeliveryHeaders() reads each header by its Standard Webhooks name if Svix' name is missing", () => {
  const names = { timestamp: null, "webhook-timestamp": String(sentAt), "webhook-id": "msg_2" };
  assert.deepEqual(read(names), { id: "msg_1", sentAt, signatures: signature });
});

Deno.test("readDeliveryHeaders() refuses deliveries more than five minutes in the past or future", () => {
  for (const age of [-300, 0, 300]) assert.equal(typeof read({}, age), "object");
  for (const age of [-301, 301, 31_536_000]) {
    assert.equal(read({}, age), "timestamp out of tolerance");
  }
});
