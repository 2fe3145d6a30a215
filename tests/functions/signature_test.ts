import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type ClaimedDelivery,
  readDeliveryHeaders,
} from "../../supabase/functions/_shared/webhook/delivery_headers.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { deliveryHeaders, otherSigningSecret, signingSecret } from "../support/svix/deliveries.ts";

/** Verifies the headers and the signature over the body. Returns the delivery if they are genuine. */
function createVerify(secrets: readonly string[]) {
  const verifySignature = createSignatureVerifier(secrets);
  return (headers: Headers, text: string): ClaimedDelivery | undefined => {
    const claimed = readDeliveryHeaders(headers);
    if (claimed.ok) return verifySignature(claimed.value, text) ? claimed.value : undefined;
    assert.equal(claimed.failure.code, "invalid_signature");
  };
}

const verify = createVerify([signingSecret]);
const body = '{"type":"user.created", "data":{}}';

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);

function isGenuine(headers: Headers, text = body, verifier = verify): boolean {
  return verifier(headers, text) !== undefined;
}

Deno.test("a delivery signed with the secret is genuine and keeps its id and time", () => {
  const sentAt = new Date();
  const seconds = Math.floor(sentAt.getTime() / 1000);
  const delivery = verify(deliveryHeaders(body, { id: "msg_7", sentAt }), body);
  assert.deepEqual([delivery?.id, delivery?.sentAt], ["msg_7", seconds]);
});

Deno.test("an id that is too long is refused even if it is signed", () => {
  assert.ok(isGenuine(deliveryHeaders(body, { id: "m".repeat(256) })));
  assert.ok(!isGenuine(deliveryHeaders(body, { id: "m".repeat(257) })));
});

Deno.test("the headers can have the names of the Standard Webhooks", () => {
  const signed = deliveryHeaders(body, { id: "msg_7" });
  const headers = new Headers(
    ["id", "timestamp", "signature"].map((name) =>
      [`webhook-${name}`, signed.get(`svix-${name}`) ?? ""] as [string, string]
    ),
  );
  const delivery = verify(headers, body);
  assert.equal(delivery?.id, "msg_7");
  assert.equal(String(delivery?.sentAt), signed.get("svix-timestamp"));
});

Deno.test("Svix' own headers are verified and returned if both names are present", () => {
  const headers = deliveryHeaders(body, {
    id: "msg_7",
    headers: { "webhook-id": "msg_8", "webhook-timestamp": "1" },
  });
  const delivery = verify(headers, body);
  assert.equal(delivery?.id, "msg_7");
  assert.equal(String(delivery?.sentAt), headers.get("svix-timestamp"));
});

for (const text of [body + " ", body.replace(", ", ","), body.replace("created", "deleted"), ""]) {
  Deno.test(`another body is not genuine: ${JSON.stringify(text)}`, () => {
    assert.ok(!isGenuine(deliveryHeaders(body), text));
  });
}

const now = Math.floor(Date.now() / 1000);
const alterations: Readonly<Record<string, string | null>>[] = [
  { "svix-id": null },
  { "svix-timestamp": null },
  { "svix-signature": null },
  { "svix-id": "" },
  { "svix-timestamp": "" },
  { "svix-signature": "" },
  { "svix-id": "msg_2" },
  { "svix-timestamp": String(now - 7) },
  { "svix-timestamp": "yesterday" },
  { "svix-signature": "v1," },
  { "svix-signature": "garbage" },
  { "svix-signature": "v1" },
  { "svix-signature": `v1,${btoa("x".repeat(32))}` },
];

for (const headers of alterations) {
  Deno.test(`a delivery with ${JSON.stringify(headers)} is not genuine`, () => {
    assert.ok(!isGenuine(deliveryHeaders(body, { headers })));
  });
}

Deno.test("a signature of another version is not genuine, even with the right bytes", () => {
  const signature = deliveryHeaders(body).get("svix-signature")?.replace("v1,", "v2,") ?? "";
  assert.ok(!isGenuine(deliveryHeaders(body, { headers: { "svix-signature": signature } })));
});

Deno.test("a delivery is genuine from five minutes before to five minutes after its time", () => {
  assert.ok(isGenuine(deliveryHeaders(body, { sentAt: secondsAgo(290) })));
  assert.ok(!isGenuine(deliveryHeaders(body, { sentAt: secondsAgo(310) })));
  assert.ok(isGenuine(deliveryHeaders(body, { sentAt: secondsAgo(-290) })));
  assert.ok(!isGenuine(deliveryHeaders(body, { sentAt: secondsAgo(-310) })));
});

Deno.test("one genuine signature among several is enough", () => {
  const genuine = deliveryHeaders(body).get("svix-signature");
  const other = deliveryHeaders(body, { secret: otherSigningSecret }).get("svix-signature");
  const signed = (signature: string) =>
    deliveryHeaders(body, { headers: { "svix-signature": signature } });
  assert.ok(isGenuine(signed(`${other} ${genuine}`)));
  assert.ok(isGenuine(signed(`v1a,AAAA ${genuine} ${other}`)));
  assert.ok(!isGenuine(signed(`${other} ${other}`)));
});

Deno.test("deliveries signed with either secret are genuine during a rotation, and only the new secret's afterwards", () => {
  const old = deliveryHeaders(body, { secret: otherSigningSecret });
  const fresh = deliveryHeaders(body);
  const rotating = createVerify([signingSecret, otherSigningSecret]);
  assert.ok(isGenuine(old, body, rotating));
  assert.ok(isGenuine(fresh, body, rotating));
  assert.ok(!isGenuine(old));
  assert.ok(isGenuine(fresh));
});

Deno.test("the verifier never throws and accepts nothing, whatever the headers contain", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  const timestamp = fc.oneof(value, fc.constant(String(now)));
  fc.assert(
    fc.property(value, timestamp, value, fc.string(), (id, sentAt, signature, text) => {
      const headers = new Headers({
        "svix-id": id,
        "svix-timestamp": sentAt,
        "svix-signature": `v1,${signature} v1,${btoa("x".repeat(32))}`,
      });
      assert.ok(!isGenuine(headers, text));
    }),
    { seed: 6, numRuns: 300 },
  );
});
