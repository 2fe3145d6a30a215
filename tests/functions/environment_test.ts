import assert from "node:assert/strict";
import type { Result } from "../../supabase/functions/_shared/failure.ts";
import { createConfigured } from "../../supabase/functions/_shared/http/endpoint.ts";
import { readClerkApiSettings } from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { readReconcileKey } from "../../supabase/functions/_shared/settings/reconcile.ts";
import { readSessionSettings } from "../../supabase/functions/_shared/settings/session.ts";
import { readSupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { readWebhookSettings } from "../../supabase/functions/_shared/settings/webhook.ts";
import { endpoint as webhookEndpoint } from "../../supabase/functions/clerk-webhook/handler.ts";
import { bearing } from "../support/clerk/requests.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import { readError } from "./answers.ts";
import { createLogRecorder } from "./log_recorder.ts";

const supabaseMissing = "SUPABASE_URL and SUPABASE_KEY environment variables are required";
const secretKeyMissing = "CLERK_SECRET_KEY environment variable is required";
const webhookSecretMissing = "CLERK_WEBHOOK_SECRET environment variable is required";

const secretKeyMalformed =
  "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)";
const serviceKeyMalformed =
  "SUPABASE_KEY must be the service-role (secret) key, not an anon or publishable key";
const clerkAddressMalformed = "CLERK_API_URL must be an http or https address";
const addressHasPath = "SUPABASE_URL must have no path, like https://PROJECT_REF.supabase.co";
const addressMalformed = "SUPABASE_URL must be an http or https address";
const instanceMalformed = "CLERK_INSTANCE_ID must be the id of one Clerk instance (ins_…)";

const url = "https://abcdefghijklmnopqrst.supabase.co";
const key = "sb_secret_abc";

type Read = (environment: Environment) => Result<unknown>;
type Refusal = readonly [Read, Environment, string];

const refusals: readonly Refusal[] = [
  [readSupabaseSettings, {}, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_URL: url }, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_KEY: key }, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_URL: "", SUPABASE_KEY: key }, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_URL: " \n", SUPABASE_KEY: key }, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_URL: url, SUPABASE_KEY: "\t" }, supabaseMissing],
  [readSupabaseSettings, { SUPABASE_URL: url, SUPABASE_SECRET_KEYS: "{}" }, supabaseMissing],
  [
    readSupabaseSettings,
    { SUPABASE_URL: "abcdefghijklmnopqrst.supabase.co", SUPABASE_KEY: key },
    addressMalformed,
  ],
  [
    readSupabaseSettings,
    { SUPABASE_URL: "postgresql://localhost/postgres", SUPABASE_KEY: key },
    addressMalformed,
  ],
  ...["/rest/v1", "/rest/v1/", "/functions/v1", "/x"].map((path): Refusal => [
    readSupabaseSettings,
    { SUPABASE_URL: `${url}${path}`, SUPABASE_KEY: key },
    addressHasPath,
  ]),
  ...["?apikey=x", "/#top"].map((end): Refusal => [
    readSupabaseSettings,
    { SUPABASE_URL: `${url}${end}`, SUPABASE_KEY: key },
    addressMalformed,
  ]),
  [
    readSupabaseSettings,
    { SUPABASE_URL: "https://me:password@db.example.com", SUPABASE_KEY: key },
    addressMalformed,
  ],
  ...["sb_secret_…", "sb_secret_a\nb", "sb_secret_\u007f"].map((text): Refusal => [
    readSupabaseSettings,
    { SUPABASE_URL: url, SUPABASE_KEY: text },
    serviceKeyMalformed,
  ]),
  [readClerkApiSettings, {}, secretKeyMissing],
  [readClerkApiSettings, { CLERK_SECRET_KEY: "  " }, secretKeyMissing],
  [
    readClerkApiSettings,
    { CLERK_SECRET_KEY: "pk_test_abc" },
    secretKeyMalformed,
  ],
  ...["sk_test_…", "sk_test_a\nb", "sk_test_a\r\nsk_test_b", "sk_test_\0", "sk_test_é"].map((
    text,
  ): Refusal => [readClerkApiSettings, { CLERK_SECRET_KEY: text }, secretKeyMalformed]),
  ...["localhost:54324", "https://api.clerk.com?v=1", "https://me:x@api.clerk.com"].map((
    address,
  ): Refusal => [
    readClerkApiSettings,
    { CLERK_SECRET_KEY: "sk_test_abc", CLERK_API_URL: address },
    clerkAddressMalformed,
  ]),
  ...["é".repeat(32), "a line\n".repeat(5) + "and more"].map((text): Refusal => [
    readReconcileKey,
    { CLERK_RECONCILE_KEY: text },
    "CLERK_RECONCILE_KEY must be in ASCII, on one line: callers send it in a header",
  ]),
  [readSessionSettings, {}, secretKeyMissing],
  [readSessionSettings, { CLERK_JWT_KEY: " " }, secretKeyMissing],
  [readWebhookSettings, {}, webhookSecretMissing],
  [readWebhookSettings, { CLERK_WEBHOOK_SECRET: "" }, webhookSecretMissing],
  [readWebhookSettings, { CLERK_WEBHOOK_SECRET: " , " }, webhookSecretMissing],
  [readWebhookSettings, { CLERK_WEBHOOK_SIGNING_SECRET: "\n" }, webhookSecretMissing],
  ...['"ins_1"', "'ins_1'", "ins_…", "ins_", "ins_1,ins_2", "ins_1 ins_2", "production", "app_1"]
    .map((id): Refusal => [
      readWebhookSettings,
      { CLERK_WEBHOOK_SECRET: signingSecret, CLERK_INSTANCE_ID: id },
      instanceMalformed,
    ]),
];

for (const [read, environment, message] of refusals) {
  Deno.test(`${read.name}(${JSON.stringify(environment)}) fails: ${message}`, () => {
    assert.deepEqual(read(environment), {
      ok: false,
      failure: { code: "server_misconfigured", message },
    });
  });
}

Deno.test("a missing variable is named in the answer and in the log", async () => {
  const settings = readWebhookSettings({});
  assert.ok(!settings.ok);
  const { log, entries } = createLogRecorder();
  const create = () => assert.fail("The function was configured");
  const handler = createConfigured(webhookEndpoint, log, settings, create);
  const response = await handler(bearing());
  assert.equal(response.status, 500);
  const error = await readError(response);
  assert.deepEqual([error.code, error.message], ["server_misconfigured", webhookSecretMissing]);
  assert.deepEqual(entries.map(({ level, fields }) => [level, fields["error"]]), [
    ["error", webhookSecretMissing],
  ]);
});

Deno.test("readSupabaseSettings() trims the address and the key", () => {
  assert.deepEqual(
    readSupabaseSettings({ SUPABASE_URL: ` ${url}\n`, SUPABASE_KEY: `${key} ` }),
    { ok: true, value: { url, key, keyVariable: "SUPABASE_KEY" } },
  );
});

for (
  const [address, normal] of [
    [`${url}/`, url],
    [`${url}//`, url],
    [url.toUpperCase(), url],
    [`${url}:443`, url],
    ["http://kong:8000/", "http://kong:8000"],
    ["http://127.0.0.1:54321", "http://127.0.0.1:54321"],
    ["http://[::1]:54321/", "http://[::1]:54321"],
  ] as const
) {
  Deno.test(`SUPABASE_URL may be ${address}`, () => {
    const settings = readSupabaseSettings({ SUPABASE_URL: address, SUPABASE_KEY: key });
    assert.ok(settings.ok);
    assert.equal(settings.value.url, normal);
  });
}

for (
  const [address, normal] of [
    ["https://api.clerk.com/", "https://api.clerk.com"],
    ["https://api.clerk.com/v1", "https://api.clerk.com"],
    ["https://api.clerk.com/v1/", "https://api.clerk.com"],
    ["https://proxy.example.com/clerk/v1", "https://proxy.example.com/clerk"],
    ["https://proxy.example.com/clerk/", "https://proxy.example.com/clerk"],
  ] as const
) {
  Deno.test(`CLERK_API_URL may be ${address}`, () => {
    const environment = { CLERK_SECRET_KEY: "sk_test_abc", CLERK_API_URL: address };
    const settings = readClerkApiSettings(environment);
    assert.ok(settings.ok);
    assert.equal(settings.value.apiUrl, normal);
  });
}

Deno.test("readClerkApiSettings() uses Clerk's address unless CLERK_API_URL names another", () => {
  const environment = { CLERK_SECRET_KEY: "sk_live_abc" };
  assert.deepEqual(readClerkApiSettings(environment), {
    ok: true,
    value: { secretKey: "sk_live_abc", apiUrl: "https://api.clerk.com" },
  });
  assert.deepEqual(
    readClerkApiSettings({ ...environment, CLERK_API_URL: "http://127.0.0.1:54324" }),
    { ok: true, value: { secretKey: "sk_live_abc", apiUrl: "http://127.0.0.1:54324" } },
  );
});

Deno.test("readWebhookSettings() returns the instance if it is configured", () => {
  const secrets = [signingSecret];
  assert.deepEqual(
    readWebhookSettings({ CLERK_WEBHOOK_SECRET: signingSecret, CLERK_INSTANCE_ID: "ins_1" }),
    { ok: true, value: { secrets, instanceId: "ins_1" } },
  );
  assert.deepEqual(
    readWebhookSettings({ CLERK_WEBHOOK_SECRET: signingSecret, CLERK_INSTANCE_ID: " " }),
    { ok: true, value: { secrets, instanceId: undefined } },
  );
});

Deno.test("variable() treats a blank variable as unset", () => {
  assert.equal(variable({ NAME: " value " }, "NAME"), "value");
  assert.equal(variable({ NAME: " \t\n" }, "NAME"), undefined);
  assert.equal(variable({}, "NAME"), undefined);
});
