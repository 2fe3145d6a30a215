import assert from "node:assert/strict";
import { join } from "node:path";
import { findLeaks, secretsOf } from "../support/leaks/leak.ts";
import { describeScan, isClean, scanFunctionLogs } from "../support/leaks/log_scan.ts";
import type { StackValues } from "../support/stack/running_stack.ts";

const stack: StackValues = {
  API_URL: "http://127.0.0.1:1",
  CONSOLE_URL: "http://127.0.0.1:54323",
  DB_URL: "postgresql://postgres:postgres@127.0.0.1:2/postgres",
  ANON_KEY: "anon-key",
  SERVICE_ROLE_KEY: "service-key",
  PUBLISHABLE_KEY: "sb_publishable_public-key",
  SECRET_KEY: "sb_secret_opaque-key",
  JWT_SECRET: "0123456789abcdef",
  CLERK_API_URL: "http://127.0.0.1:3",
  CLERK_SECRET_KEY: "sk_test_clerk_secret_key",
  CLERK_RECONCILE_KEY: "reconcile-key-of-32-characters-0",
  CLERK_WEBHOOK_SECRET: "whsec_c2lnbmluZw==",
  CLERK_JWT_KEY: "a public key",
};

const planted: Readonly<Record<string, string>> = {
  canary: `{"name":"Canary-first-name"}`,
  token: `{"reason":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln"}`,
  bearer: "authorization: Bearer 0123456789",
  signature: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  "Clerk secret key": "sk_live_0123456789",
  "webhook secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "Supabase key": "sb_secret_0123456789abcdefghij",
  "private key": "-----BEGIN PRIVATE KEY-----",
  "connection string": "could not connect to postgresql://postgres:postgres@db:5432/postgres",
  "email address": `data.email: "ada.lovelace+x@mail.example.com" is taken`,
};

for (const [kind, line] of Object.entries(planted)) {
  Deno.test(`findLeaks() finds a planted ${kind}`, () => {
    assert.ok(findLeaks(line, []).includes(kind), line);
  });
}

Deno.test("findLeaks() finds every key of the stack, even without its prefix", () => {
  const secrets = secretsOf(stack);
  for (const key of ["anon-key", "service-key", "opaque-key", "0123456789abcdef"]) {
    assert.deepEqual(findLeaks(`: ${key} :`, secrets), ["a key of the stack"]);
  }
  for (const key of ["sk_test_clerk_secret_key", "c2lnbmluZw=="]) {
    assert.ok(findLeaks(`: ${key} :`, secrets).includes("a key of the stack"));
  }
});

Deno.test("findLeaks() finds nothing in the functions' usual log lines", () => {
  const lines = [
    "listening on http://127.0.0.1:40123",
    `{"level":"info","function":"clerk-webhook","message":"request","request_id":"0bfa345d-b70d-46ac-97ae-25b0d9cfd61b","method":"POST","status":200,"ms":4,"outcome":"applied","type":"user.created"}`,
    `{"reason":"TypeError at parse (file:///cache/deno/npm/registry.example/@supabase/supabase-js/2.119.1/dist/index.mjs:1:2)"}`,
    `{"reason":"ZodError at npm:@supabase/supabase-js@2.119.1/dist/index.mjs:1:2"}`,
    "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)",
    "CLERK_WEBHOOK_SECRET must be the endpoint's signing secret (whsec_…)",
    `SUPABASE_SECRET_KEYS must be a JSON object like {"default":"sb_secret_…"}`,
  ];
  for (const line of lines) assert.deepEqual(findLeaks(line, secretsOf(stack)), [], line);
});

async function withLogs(
  files: Readonly<Record<string, string>>,
  run: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(directory, "logs"));
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, "logs", name), text);
    }
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("scanFunctionLogs() names the place of a leak in every function's log, even from before a restart", async () => {
  const logs = {
    "users-me.log": "listening on http://127.0.0.1:1\nall well\n",
    "users-sync.previous.log": `all well\n${planted["email address"]}\n`,
    "postgres.log": `${planted["canary"]}\n`,
  };
  await withLogs(logs, async (directory) => {
    const scan = await scanFunctionLogs(directory, stack);
    assert.equal(scan.lines, 4);
    assert.equal(scan.leaks.length, 1);
    assert.match(scan.leaks[0] ?? "", /^users-sync\.previous\.log:2: email address: /);
    assert.match(describeScan(scan), /^scanned 4 log lines, 1 leaks\n/);
    assert.ok(!isClean(scan));
  });
});

Deno.test("a scan of empty logs is not clean", async () => {
  await withLogs({ "users-me.log": "" }, async (directory) => {
    assert.ok(!isClean(await scanFunctionLogs(directory, stack)));
  });
  await withLogs({ "users-me.log": "all well\n" }, async (directory) => {
    assert.ok(isClean(await scanFunctionLogs(directory, stack)));
  });
});
