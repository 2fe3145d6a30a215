import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createSignatureVerifier } from "../../supabase/functions/_shared/webhook/signature.ts";
import { createClerkWebhook } from "../../supabase/functions/clerk-webhook/handler.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { clerkUserJson, deletedUserJson } from "../support/clerk/user_json.ts";
import {
  delivery,
  type DeliveryChanges,
  deliveryHeaders,
  otherSigningSecret,
  signingSecret,
} from "../support/svix/deliveries.ts";
import { readError, readSuccess } from "./answers.ts";
import { becoming, createHandlers, failing } from "./handlers.ts";

const created = clerkEventJson("user.created", clerkUserJson());

const outcomes = [
  ["created", "applied"],
  ["updated", "applied"],
  ["unchanged", "duplicate"],
  ["duplicate", "duplicate"],
  ["stale", "stale"],
] as const;

for (const [applied, outcome] of outcomes) {
  Deno.test(`clerk-webhook answers "${outcome}" if the write is ${applied}`, async () => {
    const applyFacts = becoming({ outcome: applied });
    const { clerkWebhook, entries } = createHandlers({ applyFacts });
    const response = await clerkWebhook(delivery(created));
    assert.equal(response.status, 200);
    assert.deepEqual(await readSuccess(response), { received: true, outcome });
    assert.deepEqual(
      entries.map(({ fields }) => [fields["outcome"], fields["type"]]),
      [[outcome, "user.created"]],
    );
  });
}

for (const type of ["user.created", "user.updated"]) {
  Deno.test(`clerk-webhook writes the state in ${type} with its delivery`, async () => {
    const options: unknown[] = [];
    const { clerkWebhook, written } = createHandlers({
      applyFacts: (_items, given) => {
        options.push(given);
        return Promise.resolve(
          succeed([{ outcome: "updated", reason: null, user: null, active: null }]),
        );
      },
    });
    await clerkWebhook(delivery(clerkEventJson(type, clerkUserJson()), { id: "msg_7" }));
    assert.deepEqual(written, [[{
      ...clerkUser.parse(clerkUserJson()),
      delivery: { id: "msg_7", type, source: "webhook", occurred_at: "2023-11-14T22:25:00.000Z" },
    }]]);
    assert.deepEqual(options, [{ returnUsers: false }]);
  });
}

const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000);

for (
  const [what, timestamp, deletedAt] of [
    ["milliseconds", 1_700_000_700_123, "2023-11-14T22:25:00.123Z"],
    ["seconds", 1_700_000_700, "2023-11-14T22:25:00.000Z"],
    ["missing, so that the delivery's time is used", undefined, sentAt.toISOString()],
  ] as const
) {
  Deno.test(`clerk-webhook writes a deletion whose time is ${what}`, async () => {
    const { clerkWebhook, written } = createHandlers();
    const event = clerkEventJson("user.deleted", deletedUserJson, { timestamp });
    const response = await clerkWebhook(delivery(event, { sentAt, id: "msg_8" }));
    assert.deepEqual(await readSuccess(response), { received: true, outcome: "applied" });
    assert.deepEqual(written, [[{
      kind: "user_deleted",
      clerk_id: "user_ada",
      deleted_at: deletedAt,
      delivery: {
        id: "msg_8",
        type: "user.deleted",
        source: "webhook",
        occurred_at: timestamp === undefined ? null : deletedAt,
      },
    }]]);
  });
}

const ignored = [
  clerkEventJson("user.deleted", { object: "user", deleted: true }),
  clerkEventJson("session.created", { id: "sess_1", user_id: "user_ada" }),
  clerkEventJson("email.created", { to_email_address: "work@example.com" }),
  clerkEventJson("organizationInvitation.created", { id: "orginv_1" }),
];

for (const event of ignored) {
  Deno.test(`clerk-webhook ignores ${JSON.stringify(event).slice(0, 60)} and writes nothing`, async () => {
    const { clerkWebhook, written } = createHandlers();
    const response = await clerkWebhook(delivery(event));
    assert.equal(response.status, 200);
    assert.deepEqual(await readSuccess(response), { received: true, outcome: "ignored" });
    assert.deepEqual(written, []);
  });
}

Deno.test("clerk-webhook refuses another instance's events of every type", async () => {
  const { clerkWebhook } = createHandlers({ instanceId: "ins_production" });
  for (const type of ["user.created", "session.created"]) {
    for (const instance of ["ins_other", null, undefined]) {
      const event = clerkEventJson(type, clerkUserJson(), { instance_id: instance });
      const response = await clerkWebhook(delivery(event));
      assert.equal(response.status, 422);
      assert.equal((await readError(response)).code, "wrong_instance");
    }
  }
});

Deno.test("clerk-webhook records another instance's event only if it is about what we keep", async () => {
  const { clerkWebhook, written } = createHandlers({ instanceId: "ins_production" });
  for (const type of ["session.created", "email.created", "user.created"]) {
    const event = clerkEventJson(type, clerkUserJson(), { instance_id: "ins_other" });
    assert.equal((await clerkWebhook(delivery(event))).status, 422);
  }
  assert.deepEqual(written.flat().map(({ delivery }) => delivery?.type), ["user.created"]);
});

Deno.test("clerk-webhook records a refused event with its reason and without a fact", async () => {
  const applyFacts = becoming({ outcome: "invalid" });
  const cases = [
    [
      clerkEventJson("user.updated", { id: "user_ada", first_name: 1 }, {
        instance_id: "ins_other",
      }),
      { clerk_id: "user_ada", reason: "Event is from another Clerk instance" },
      { type: "user.updated", occurred_at: "2023-11-14T22:25:00.000Z" },
    ],
    [
      clerkEventJson("user.deleted", { id: 7 }, { timestamp: undefined }),
      { clerk_id: null, reason: "data.id: Invalid input: expected string, received number" },
      { type: "user.deleted", occurred_at: null },
    ],
    [
      {},
      { clerk_id: null, reason: "type: Invalid input: expected string, received undefined" },
      { type: null, occurred_at: null },
    ],
  ] as const;
  for (const [event, refused, about] of cases) {
    const ports = { applyFacts, instanceId: "ins_production" };
    const { clerkWebhook, written } = createHandlers(ports);
    const response = await clerkWebhook(delivery(event, { id: "msg_9" }));
    assert.equal(response.status, 422);
    assert.equal((await readError(response)).message, refused.reason);
    const recorded = { id: "msg_9", source: "webhook", ...about };
    assert.deepEqual(written, [[{ kind: "invalid", ...refused, delivery: recorded }]]);
  }
});

const bodies = ["", "not json", "[]", "null", "\uFEFF{}", "[".repeat(100_000)];
for (const body of bodies) {
  Deno.test(`clerk-webhook answers invalid_event to a signed ${body.slice(0, 20)}`, async () => {
    const response = await createHandlers().clerkWebhook(delivery(body));
    assert.equal(response.status, 422);
    assert.equal((await readError(response)).code, "invalid_event");
  });
}

Deno.test("clerk-webhook writes nothing for a delivery that is not genuine", async () => {
  const { clerkWebhook, written } = createHandlers();
  const body = JSON.stringify(created);
  const headers = deliveryHeaders(body);
  const post = (text: string) =>
    new Request("http://localhost/clerk-webhook", { method: "POST", headers, body: text });
  const forged = [
    post(body.replace("Ada", "Eve")),
    post(` ${body}`),
    delivery(created, { secret: otherSigningSecret }),
    delivery(created, { headers: { "svix-id": "msg_other" } }),
    delivery(created, { sentAt: new Date(Date.now() - 310_000) }),
    delivery(created, { headers: { "svix-id": null } }),
    delivery(created, { headers: { "svix-timestamp": null } }),
    delivery("not json", { secret: otherSigningSecret }),
  ];
  for (const request of forged) {
    const response = await clerkWebhook(request);
    assert.equal(response.status, 401);
    // It wants a signature, not a token.
    assert.equal(response.headers.get("www-authenticate"), null);
    assert.equal((await readError(response)).code, "invalid_signature");
  }
  assert.deepEqual(written, []);
});

Deno.test("clerk-webhook accepts a delivery signed with any of its secrets", async () => {
  const clerkWebhook = createClerkWebhook({
    verifySignature: createSignatureVerifier([otherSigningSecret, signingSecret]),
    instanceId: undefined,
    writeFact: () =>
      Promise.resolve(succeed({ outcome: "created", reason: null, user: null, active: null })),
    log: () => {},
  });
  for (const secret of [signingSecret, otherSigningSecret]) {
    assert.equal((await clerkWebhook(delivery(created, { secret }))).status, 200);
  }
});

const unfitHeaders: Readonly<Record<string, DeliveryChanges>> = {
  "no signature": { headers: { "svix-signature": null } },
  "a malformed signature": { headers: { "svix-signature": "v1,AAAA" } },
  "no id": { headers: { "svix-id": null } },
  "no time": { headers: { "svix-timestamp": null } },
  "a malformed time": { headers: { "svix-timestamp": "now" } },
  "a time long past": { sentAt: new Date(Date.now() - 310_000) },
  "a time in the future": { sentAt: new Date(Date.now() + 3_600_000) },
};

for (const [what, changes] of Object.entries(unfitHeaders)) {
  Deno.test(`clerk-webhook reads nothing of the body of a delivery with ${what}`, async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({ pull: () => void pulled++ }, {
      highWaterMark: 0,
    });
    const headers = deliveryHeaders(JSON.stringify(created), changes);
    const { clerkWebhook } = createHandlers();
    const response = await clerkWebhook(
      new Request("http://localhost/clerk-webhook", { method: "POST", headers, body }),
    );
    assert.equal(response.status, 401);
    assert.equal((await readError(response)).code, "invalid_signature");
    assert.equal(pulled, 0);
  });
}

Deno.test("clerk-webhook reads a body that is too large no further than 3 MiB", async () => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 64 * 1024;
      controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
    },
  }, { highWaterMark: 0 });
  const { clerkWebhook, written } = createHandlers();
  const response = await clerkWebhook(
    new Request("http://localhost/clerk-webhook", {
      method: "POST",
      headers: deliveryHeaders(""),
      body,
    }),
  );
  assert.equal(response.status, 413);
  assert.equal((await readError(response)).code, "payload_too_large");
  assert.ok(pulled <= 3 * 1024 * 1024 + 128 * 1024, `${pulled} bytes pulled`);
  assert.deepEqual(written, []);
});

const rejections = [
  [
    "database_refused",
    becoming({ outcome: "rejected", reason: "23514 users users_verified_has_email" }),
  ],
  ["internal_error", () => Promise.resolve(succeed([]))],
  ["internal_error", () => Promise.reject(new Error("Nobody expected this"))],
] as const;

for (const [index, [code, applyFacts]] of rejections.entries()) {
  Deno.test(`clerk-webhook makes Svix retry a delivery that was not written (${index})`, async () => {
    const { clerkWebhook, entries } = createHandlers({ applyFacts });
    const response = await clerkWebhook(delivery(created));
    assert.equal(response.status, 500);
    assert.equal((await readError(response)).code, code);
    assert.equal(entries[0]?.level, "error");
    assert.ok(entries[0]?.fields["reason"]);
  });
}

for (const code of ["database_unavailable", "server_misconfigured"] as const) {
  Deno.test(`clerk-webhook passes ${code} on, even for a refused event`, async () => {
    const applyFacts = failing(fail(code));
    for (const event of [created, {}]) {
      const response = await createHandlers({ applyFacts }).clerkWebhook(delivery(event));
      assert.equal((await readError(response)).code, code);
    }
  });
}

for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]) {
  Deno.test(`clerk-webhook refuses ${method} and names the allowed methods`, async () => {
    const request = new Request("http://localhost/clerk-webhook", { method });
    const response = await createHandlers().clerkWebhook(request);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "POST");
  });
}
