import assert from "node:assert/strict";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createLog } from "../../supabase/functions/_shared/http/log.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { instanceKey } from "../support/clerk/instance.ts";
import { bearing } from "../support/clerk/requests.ts";
import { createSigningKey, sessionToken } from "../support/clerk/session_tokens.ts";
import { clerkUserJson, emailAddressJson } from "../support/clerk/user_json.ts";
import { delivery, otherSigningSecret, signingSecret } from "../support/svix/deliveries.ts";
import { captureLines } from "./captured_lines.ts";
import { becoming, createHandlers, type Ports } from "./handlers.ts";
import { userRow } from "./user_rows.ts";

const stranger = await createSigningKey("ins_key_1");
const genuine = await sessionToken(instanceKey);
const tokens = [
  genuine,
  await sessionToken(stranger),
  await sessionToken(instanceKey, { claims: { exp: 1 } }),
  await sessionToken(instanceKey, { claims: { sts: "pending" } }),
  await sessionToken(instanceKey, { header: { kid: "canary-kid" } }),
];

/** A user whose personal fields would all be recognised in a log line. */
const user = clerkUserJson({
  first_name: "canary-first-name",
  email_addresses: [emailAddressJson("idn_work", "canary@example.com")],
  phone_numbers: [{ id: "idn_mobile", phone_number: "+447700900815" }],
  public_metadata: { key: "canary-public", "canary-key": 1 },
  private_metadata: { key: "canary-private" },
  unsafe_metadata: { key: "canary-unsafe" },
});
const row = userRow({
  email: "canary@example.com",
  phone: "+447700900815",
  metadata: { key: "canary-metadata" },
});

const events = [
  clerkEventJson("user.created", user),
  clerkEventJson("user.updated", { ...user, updated_at: "canary-time" }),
  clerkEventJson("user.updated", { ...user, id: 7, first_name: { canary: "canary" } }),
  clerkEventJson("user.updated", { ...user, public_metadata: ["canary"] }),
  clerkEventJson("user.deleted", { id: { canary: "canary" } }),
  clerkEventJson("email.created", { to: "canary@example.com", body: "canary" }),
  "canary: not JSON",
];

const thrower = () => Promise.reject(new Error("canary-message canary@example.com"));
const situations: readonly Ports[] = [
  { applyFacts: becoming({ outcome: "created", user: row }) },
  { applyFacts: becoming({ outcome: "rejected", reason: "23514 users_verified_has_email" }) },
  { applyFacts: thrower, findUser: thrower, readClerkUser: thrower },
  { readClerkUser: () => Promise.resolve(fail("clerk_unavailable", { reason: "user: timeout" })) },
  {
    findUser: () => Promise.resolve(succeed({ user: row, active: true, organizations: [] })),
    instanceId: "ins_other",
  },
];

/** Texts that no log line and no error may contain. */
function secretsOf(signature: string | null): readonly string[] {
  const tokenParts = tokens.flatMap((token) => [token, ...token.split(".")]);
  const signingSecrets = [signingSecret, otherSigningSecret];
  return [
    ...tokenParts,
    ...signingSecrets,
    ...signingSecrets.map((secret) => secret.slice("whsec_".length)),
    signature ?? "canary",
    "canary",
    "@example.com",
    "+447700900815",
  ];
}

for (const [index, ports] of situations.entries()) {
  Deno.test(`no log line and no error holds a secret or personal data (situation ${index})`, async () => {
    let answers = "";
    let requests = 0;
    const lines = await captureLines(async () => {
      const handlers = createHandlers({ ...ports, log: createLog("function") });
      const send = async (response: Promise<Response>) => {
        requests++;
        const answer = await response;
        // A success holds the caller's own row.
        if (!answer.ok) answers += await answer.text();
      };
      for (const token of tokens) {
        await send(handlers.usersMe(bearing(`Bearer ${token}`)));
        await send(handlers.usersSync(bearing(`Bearer ${token}`)));
        await send(handlers.usersSync(bearing(`Token ${token}`)));
        await send(handlers.usersMe(bearing(`Bearer ${token}`, { method: "DELETE" })));
      }
      for (const event of events) {
        await send(handlers.clerkWebhook(delivery(event)));
        await send(handlers.clerkWebhook(delivery(event, { secret: otherSigningSecret })));
      }
    });
    assert.equal(lines.length, requests);
    const written = lines.map(({ text }) => text).join("\n") + answers;
    const { headers } = delivery(events[0]);
    for (const secret of secretsOf(headers.get("svix-signature"))) {
      assert.ok(!written.includes(secret), `${secret} in ${written}`);
    }
  });
}

Deno.test("every request leaves one line of JSON with its request id and its code", async () => {
  const lines = await captureLines(async () => {
    const handlers = createHandlers({ log: createLog("function") });
    const headers = { "x-request-id": "caller-id-1" };
    await handlers.usersMe(bearing(`Bearer ${genuine}`, { headers }));
    await handlers.usersMe(bearing(undefined, { headers }));
    await handlers.usersSync(bearing(`Bearer ${genuine}`, { headers, method: "PUT" }));
    await handlers.clerkWebhook(delivery({}, { headers }));
  });
  assert.deepEqual(
    lines.map(({ text }) => JSON.parse(text)).map((
      line,
    ) => [line.request_id, line.status, line.code]),
    [
      ["caller-id-1", 200, undefined],
      ["caller-id-1", 401, "missing_token"],
      ["caller-id-1", 405, "method_not_allowed"],
      ["caller-id-1", 422, "invalid_event"],
    ],
  );
});

Deno.test("an unexpected error is logged with its name and its frames", async () => {
  const lines = await captureLines(async () => {
    const findUser = () => Promise.reject(new SyntaxError("canary-message"));
    const { usersMe } = createHandlers({ findUser, log: createLog("users-me") });
    await usersMe(bearing(`Bearer ${genuine}`));
  });
  const [line] = lines.map(({ text }) => JSON.parse(text));
  assert.deepEqual([line.level, line.function, line.code], ["error", "users-me", "internal_error"]);
  assert.match(line.reason, /^SyntaxError at .*privacy_test\.ts/);
});
