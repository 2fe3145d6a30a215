/** Broken variables and a Clerk that does not answer. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readInstallation } from "../../cli/doctor/installation.ts";
import { checkMigrations } from "../../cli/doctor/migrations.ts";
import { checkSupabaseVariables } from "../../cli/doctor/variables.ts";
import { generateInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { checkout } from "../../local/options.ts";
import { deadAddress } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import {
  assertFindings,
  type Chain,
  needClerk,
  needRows,
  startChain,
  withFaults,
} from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

const deployed = ["users-sync", "users-me", "clerk-webhook"];
const needSupabase = [
  "clerk-reconcile",
  "database",
  "migrations",
  ...needRows,
  ...deployed,
  "cors-users-sync",
  "cors-users-me",
  "cors-clerk-webhook",
  "webhook-secret",
  "webhook-endpoint",
  "signing-secret",
  "webhook-attempts",
  "accepted-token",
  "third-party-auth",
];

Deno.test("a healthy chain passes every check", async () => {
  const findings = await chain.examine();
  assertFindings(findings, {});
  assert.equal(findings.length, 29);
});

Deno.test("a missing address or key of Supabase fails its check, and skips what needs it", async () => {
  for (const name of ["SUPABASE_URL", "SUPABASE_KEY"]) {
    const findings = await chain.examine({ environment: { [name]: undefined } });
    assertFindings(findings, {
      failed: {
        "supabase-variables": [/SUPABASE_URL and SUPABASE_KEY .* required/, /Project Settings/],
      },
      skipped: needSupabase,
    });
    for (
      const [skipped, by] of [
        ["database", "supabase-variables"],
        ["migrations", "database"],
        ["third-party-auth", "supabase-variables"],
      ]
    ) {
      const found = findings.find((finding) => finding.name === skipped);
      assert.equal(found?.finding, `Not checked, because ${by} did not pass`);
    }
  }
});

Deno.test("an anon or publishable key in the secret key's place is named", async () => {
  const { ANON_KEY, PUBLISHABLE_KEY } = runningStack();
  for (const SUPABASE_KEY of [ANON_KEY, PUBLISHABLE_KEY]) {
    assertFindings(await chain.examine({ environment: { SUPABASE_KEY } }), {
      failed: { "supabase-variables": [/not an anon or publishable key/, /Project Settings/] },
      skipped: needSupabase,
    });
  }
});

Deno.test("an address with a path is named", async () => {
  const SUPABASE_URL = `${runningStack().API_URL}/rest/v1`;
  assertFindings(await chain.examine({ environment: { SUPABASE_URL } }), {
    failed: { "supabase-variables": [/must have no path.*PROJECT_REF/, /Project Settings/] },
    skipped: needSupabase,
  });
});

Deno.test("a missing or publishable key of Clerk fails its check", async () => {
  for (const CLERK_SECRET_KEY of [undefined, "pk_test_Y2xlcms"]) {
    assertFindings(await chain.examine({ environment: { CLERK_SECRET_KEY } }), {
      failed: { "clerk-variables": [/CLERK_SECRET_KEY/, /Configure, API keys/] },
      skipped: ["clerk-api", ...needClerk],
    });
  }
});

Deno.test("a setting that no key is has a remedy of its own", async () => {
  const cases = [
    [{ CLERK_AUTHORIZED_PARTIES: "localhost:3000" }, /CLERK_AUTHORIZED_PARTIES/, /origins/],
    [{ CLERK_ISSUER: "clerk.example.com" }, /CLERK_ISSUER/, /Frontend API URL/],
    [{ CLERK_API_URL: "api.clerk.com" }, /CLERK_API_URL/, /Unset it/],
  ] as const;
  for (const [environment, finding, remedy] of cases) {
    assertFindings(await chain.examine({ environment }), {
      failed: { "clerk-variables": [finding, remedy] },
      skipped: ["clerk-api", ...needClerk],
    });
  }
});

Deno.test("the placeholder of a secret key is named, and Clerk is not called down", async () => {
  for (const CLERK_SECRET_KEY of ["sk_test_…", "sk_test_a\nb"]) {
    assertFindings(await chain.examine({ environment: { CLERK_SECRET_KEY } }), {
      failed: { "clerk-variables": [/CLERK_SECRET_KEY must be/, /Configure, API keys/] },
      skipped: ["clerk-api", ...needClerk],
    });
  }
});

Deno.test("an instance id that is none fails its check, and no instance is called another one", async () => {
  for (const CLERK_INSTANCE_ID of ['"ins_a"', "ins_…", "ins_a,ins_b", "production"]) {
    assertFindings(await chain.examine({ environment: { CLERK_INSTANCE_ID } }), {
      failed: { "webhook-variables": [/CLERK_INSTANCE_ID must be the id/, /instance_id/] },
      skipped: ["webhook-secret", "signing-secret"],
    });
  }
});

Deno.test("an address that ends in the version is taken", async () => {
  const environment = { CLERK_API_URL: `${runningStack().CLERK_API_URL}/v1` };
  assertFindings(await chain.examine({ environment }), {});
});

Deno.test("a missing or malformed signing secret fails its check", async () => {
  for (const CLERK_WEBHOOK_SECRET of [undefined, "sk_test_1"]) {
    assertFindings(await chain.examine({ environment: { CLERK_WEBHOOK_SECRET } }), {
      failed: { "webhook-variables": [/CLERK_WEBHOOK_SECRET/, /Configure, Webhooks/] },
      skipped: ["webhook-secret", "signing-secret"],
    });
  }
});

Deno.test("a key or a connection string of another project than the address is named", async () => {
  const url = "https://abcdefghijklmnopqrst.supabase.co";
  const claims = btoa(JSON.stringify({ role: "service_role", ref: "zyxwvutsrqponmlkjihg" }));
  const { finding } = checkSupabaseVariables({ SUPABASE_URL: url, SUPABASE_KEY: `e.${claims}.s` });
  assert.equal(finding.status, "failed");
  assert.match(finding.finding, /another project/);
  for (
    const DB_CONNECTION_STRING of [
      "postgresql://postgres.zyxwvutsrqponmlkjihg:p@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
      "postgresql://postgres:p@db.zyxwvutsrqponmlkjihg.supabase.co:5432/postgres",
    ]
  ) {
    const outcome = await checkMigrations(
      { call: () => Promise.resolve({ rows: [] }), status: undefined },
      { url, key: "sb_secret_1" },
      { DB_CONNECTION_STRING },
      await readInstallation(checkout),
    );
    assert.equal(outcome.finding.status, "failed");
    assert.match(outcome.finding.finding, /DB_CONNECTION_STRING is of another project/);
  }
});

Deno.test("keys of a development and a production instance side by side are named", async () => {
  const cases = [
    { CLERK_PUBLISHABLE_KEY: "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" },
    { VITE_CLERK_PUBLISHABLE_KEY: "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" },
  ];
  for (const environment of cases) {
    assertFindings(await chain.examine({ environment }), {
      failed: { "matching-keys": [/one of development, one of production/, /one instance/] },
    });
  }
});

Deno.test("an issuer of another instance than the publishable key is named", async () => {
  const environment = {
    CLERK_PUBLISHABLE_KEY: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
    CLERK_ISSUER: "https://other.example.com",
  };
  assertFindings(await chain.examine({ environment }), {
    failed: { "matching-keys": [/CLERK_ISSUER/, /Frontend API URL/] },
  });
});

Deno.test("a secret key in the publishable key's place is named", async () => {
  const environment = { SUPABASE_PUBLISHABLE_KEY: runningStack().SECRET_KEY };
  assertFindings(await chain.examine({ environment }), {
    failed: { "matching-keys": [/secret key is where/, /sb_publishable_/] },
  });
});

Deno.test("a secret key that Clerk refuses fails the check of Clerk's API", async () => {
  const CLERK_SECRET_KEY = "sk_test_refused";
  assertFindings(await chain.examine({ environment: { CLERK_SECRET_KEY } }), {
    failed: { "clerk-api": [/refuses CLERK_SECRET_KEY/, /Copy the secret key again/] },
    skipped: needClerk,
  });
});

Deno.test("an instance id of another instance is named", async () => {
  const CLERK_INSTANCE_ID = "ins_another";
  assertFindings(await chain.examine({ environment: { CLERK_INSTANCE_ID } }), {
    failed: { "clerk-api": [/CLERK_INSTANCE_ID names another/, /CLERK_INSTANCE_ID=ins_/] },
    skipped: needClerk,
  });
});

Deno.test("a rate limit, an outage, silence and nonsense of Clerk's are told apart", async () => {
  const cases = [
    [{ status: 429, retry_after: 7 }, /rate limit/, /in 7 s/],
    [{ status: 500 }, /HTTP 500/, /status\.clerk\.com/],
    [{ connection: "silent" }, /no answer within 5 s/, /status\.clerk\.com/],
    [{ garbage: "page" }, /no usable answer/, /status\.clerk\.com/],
  ] as const;
  for (const [fault, finding, remedy] of cases) {
    await withFaults([{ route: "* /v1/*", ...fault }], async () => {
      assertFindings(await chain.examine(), {
        failed: { "clerk-api": [finding, remedy] },
        skipped: needClerk,
      });
    });
  }
});

Deno.test("an address at which Clerk is not is named", async () => {
  const environment = { CLERK_API_URL: deadAddress() };
  assertFindings(await chain.examine({ environment }), {
    failed: { "clerk-api": [/cannot be reached/, /CLERK_API_URL/] },
    skipped: needClerk,
  });
});

Deno.test("a JWT key of another instance fails its check alone", async () => {
  const { privateKeyPem } = await generateInstanceKey();
  const CLERK_JWT_KEY = createPublicKey(privateKeyPem).export({ format: "pem", type: "spki" })
    .toString();
  assertFindings(await chain.examine({ environment: { CLERK_JWT_KEY } }), {
    failed: { "jwt-key": [/not a key of the instance/, /JWKS public key/] },
  });
});

Deno.test("no JWT key is in order", async () => {
  assertFindings(await chain.examine({ environment: { CLERK_JWT_KEY: undefined } }), {});
});

Deno.test("doctor ends within 20 seconds if nothing answers", async () => {
  const started = Date.now();
  const never = Promise.withResolvers<Response>();
  await withFaults([{ route: "* /*", connection: "silent" }], async () => {
    const findings = await chain.examine({ disturb: () => never.promise, unsettled: true });
    for (const name of ["database", "users-me", "clerk-webhook"]) {
      const found = findings.find((finding) => finding.name === name);
      assert.match(found?.finding ?? "", /did not answer within 5 s/);
    }
  });
  never.resolve(new Response());
  assert.ok(Date.now() - started < 20_000);
});
