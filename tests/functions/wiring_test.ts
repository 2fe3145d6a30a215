import assert from "node:assert/strict";
import type { Handler } from "../../supabase/functions/_shared/http/endpoint.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { bearing } from "../support/clerk/requests.ts";
import { createSigningKey, sessionToken } from "../support/clerk/session_tokens.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { deadAddress } from "../support/loopback_server.ts";
import { delivery, otherSigningSecret, signingSecret } from "../support/svix/deliveries.ts";
import { readError } from "./answers.ts";
import { captureLines } from "./captured_lines.ts";

const key = await createSigningKey("ins_key_1");
const token = await sessionToken(key);

const supabase = { SUPABASE_URL: deadAddress(), SUPABASE_KEY: "sb_secret_abc" };
const networkless = { CLERK_JWT_KEY: key.pem };
const backend = { CLERK_SECRET_KEY: "sk_test_abc", CLERK_API_URL: deadAddress() };
const webhook = { CLERK_WEBHOOK_SECRET: signingSecret };

type Variables = Readonly<Record<string, string>>;

let loaded = 0;

/** Loads the handler that a function's index.ts serves with this environment. */
async function load(name: string, environment: Variables): Promise<Handler> {
  const { promise, resolve } = Promise.withResolvers<Handler>();
  const { serve } = Deno;
  const { toObject } = Deno.env;
  Object.defineProperty(Deno, "serve", { value: resolve, configurable: true, writable: true });
  Deno.env.toObject = () => ({ ...environment });
  try {
    // A new address each time, because a module runs only once.
    await import(`../../supabase/functions/${name}/index.ts?${loaded++}`);
  } finally {
    Object.defineProperty(Deno, "serve", { value: serve, configurable: true, writable: true });
    Deno.env.toObject = toObject;
  }
  return await promise;
}

const signedIn = () => bearing(`Bearer ${token}`);
const signed = () => delivery(clerkEventJson("user.created", clerkUserJson()));

const reconcile = { CLERK_RECONCILE_KEY: "a key of at least 32 characters, or more" };
const called = () =>
  new Request("http://localhost/clerk-reconcile", {
    method: "POST",
    headers: { authorization: `Bearer ${reconcile.CLERK_RECONCILE_KEY}` },
    body: JSON.stringify({ kind: "recent" }),
  });
const reconcileKeyMissing = "CLERK_RECONCILE_KEY environment variable is required";
const supabaseMissing = "SUPABASE_URL and SUPABASE_KEY environment variables are required";
const secretKeyMissing = "CLERK_SECRET_KEY environment variable is required";
const webhookSecretMissing = "CLERK_WEBHOOK_SECRET environment variable is required";
const databaseDown = "Database cannot be reached";
const clerkDown = "Clerk cannot be reached";

/** Function, environment, request, and the answer's status and message. */
const cases: readonly (readonly [string, Variables, () => Request, number, string])[] = [
  ["users-me", {}, signedIn, 500, supabaseMissing],
  ["users-me", networkless, signedIn, 500, supabaseMissing],
  ["users-me", supabase, signedIn, 500, secretKeyMissing],
  [
    "users-me",
    { ...supabase, ...networkless },
    () => bearing(),
    401,
    "Missing Authorization header",
  ],
  ["users-me", { ...supabase, ...networkless }, signedIn, 503, databaseDown],
  ["users-me", { ...supabase, ...backend }, signedIn, 503, clerkDown],
  [
    "users-me",
    { ...supabase, ...networkless, CLERK_AUTHORIZED_PARTIES: "https://other.example.com" },
    signedIn,
    401,
    "Invalid or expired token",
  ],
  ["users-sync", {}, signedIn, 500, supabaseMissing],
  ["users-sync", supabase, signedIn, 500, secretKeyMissing],
  // users-sync reads the user from the Backend API, even if CLERK_JWT_KEY verifies the token.
  ["users-sync", { ...supabase, ...networkless }, signedIn, 500, secretKeyMissing],
  ["users-sync", { ...supabase, ...networkless, ...backend }, signedIn, 503, clerkDown],
  [
    "users-sync",
    {
      ...supabase,
      ...networkless,
      ...backend,
      CLERK_AUTHORIZED_PARTIES: "https://other.example.com",
    },
    signedIn,
    401,
    "Invalid or expired token",
  ],
  ["clerk-reconcile", {}, called, 500, reconcileKeyMissing],
  ["clerk-reconcile", reconcile, called, 500, supabaseMissing],
  ["clerk-reconcile", { ...supabase, ...reconcile }, called, 500, secretKeyMissing],
  ["clerk-reconcile", { ...supabase, ...backend, ...reconcile }, called, 503, databaseDown],
  [
    "clerk-reconcile",
    { ...supabase, ...backend, CLERK_RECONCILE_KEY: "another key of 32 characters or more" },
    called,
    401,
    "CLERK_RECONCILE_KEY is another",
  ],
  ["clerk-webhook", {}, signed, 500, webhookSecretMissing],
  ["clerk-webhook", supabase, signed, 500, webhookSecretMissing],
  ["clerk-webhook", webhook, signed, 500, supabaseMissing],
  ["clerk-webhook", { ...supabase, ...webhook }, signed, 503, databaseDown],
  [
    "clerk-webhook",
    { ...supabase, CLERK_WEBHOOK_SIGNING_SECRET: `${otherSigningSecret} ${signingSecret}` },
    signed,
    503,
    databaseDown,
  ],
  [
    "clerk-webhook",
    { ...supabase, CLERK_WEBHOOK_SECRET: otherSigningSecret },
    signed,
    401,
    "Invalid webhook signature",
  ],
];

for (const [name, environment, request, status, message] of cases) {
  const names = Object.keys(environment).join(" ") || "nothing";
  Deno.test(`${name} with ${names} answers ${status} ${message}`, async () => {
    const handler = await load(name, environment);
    const lines = await captureLines(async () => {
      const response = await handler(request());
      assert.equal(response.status, status);
      assert.equal((await readError(response)).message, message);
    });
    const [line, ...others] = lines.map(({ text }) => JSON.parse(text));
    assert.deepEqual(others, []);
    assert.deepEqual([line.function, line.status, line.error], [name, status, message]);
  });
}

Deno.test("clerk-webhook refuses events of every instance but the configured one", async () => {
  const environment = { ...supabase, ...webhook, CLERK_INSTANCE_ID: "ins_other" };
  const handler = await load("clerk-webhook", environment);
  await captureLines(async () => {
    const ignored = clerkEventJson("session.created", {}, { instance_id: "ins_other" });
    assert.equal((await handler(delivery(ignored))).status, 200);
    const refused = clerkEventJson("session.created", {}, { instance_id: "ins_production" });
    assert.equal((await handler(delivery(refused))).status, 422);
    // This refusal would be recorded first, but there is no database here.
    const recorded = clerkEventJson("user.created", {}, { instance_id: "ins_production" });
    assert.equal((await handler(delivery(recorded))).status, 503);
  });
});
