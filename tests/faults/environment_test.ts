/** Missing or malformed variables in real processes, and which functions still serve without them. */
import assert from "node:assert/strict";
import { doubleOf } from "../support/stack/double_part.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { eventually } from "../support/eventually.ts";
import { assertAsInClerk } from "../support/stack/as_in_clerk.ts";
import { clerk, longToken, signUp } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { call, callWithToken, errorOf } from "../support/stack/supabase.ts";
import { readMessages } from "../support/stack/svix_messages.ts";
import { type FunctionName, functionNames } from "./load.ts";
import { keepDown } from "./parts.ts";

type Variables = Readonly<Record<string, string | null>>;

const environment: Record<string, string | null> = {};
let own: OwnStack;
let userId: string;
let token: string;

Deno.test.beforeAll(async () => {
  own = await startOwnStack({
    functionEnvironment: environment,
    webhookRetrySchedule: Array.from({ length: 200 }, () => 250),
  });
  userId = (await signUp()).id;
  token = await longToken(userId);
  await callWithToken("users-sync", token);
});
Deno.test.afterAll(() => own.stop());

async function restart(variables: Variables): Promise<void> {
  for (const name of Object.keys(environment)) delete environment[name];
  Object.assign(environment, variables);
  await Promise.all(functionNames.map((name) => own.stack.functions.get(name)?.restart()));
}

/** Runs while every function has these variables. */
async function withVariables(variables: Variables, run: () => Promise<void>): Promise<void> {
  await restart(variables);
  try {
    await run();
  } finally {
    await restart({});
  }
}

async function ask(name: FunctionName): Promise<string> {
  const answer = name === "clerk-webhook"
    // An event about nobody needs the database only if it is refused.
    ? await deliver(eventBody("session.created", { id: "sess_1" }))
    : await callWithToken(name, token);
  if (answer.status < 300) return "served";
  const { code, message } = errorOf(answer);
  assert.equal(answer.status, 500);
  assert.equal(code, "server_misconfigured");
  return message;
}

const supabaseMissing = "SUPABASE_URL and SUPABASE_KEY environment variables are required";
const noKey = {
  SUPABASE_SECRET_KEYS: null,
  SUPABASE_SERVICE_ROLE_KEY: null,
  SUPABASE_KEY: null,
};

interface Case {
  readonly what: string;
  readonly variables: () => Variables;
  readonly message: string;
  /** The functions that still serve. */
  readonly unaffected: readonly FunctionName[];
}

const cases: readonly Case[] = [
  {
    what: "SUPABASE_URL missing",
    variables: () => ({ SUPABASE_URL: null }),
    message: supabaseMissing,
    unaffected: [],
  },
  {
    what: "a SUPABASE_URL that is not a web address",
    variables: () => ({ SUPABASE_URL: "postgresql://127.0.0.1/postgres" }),
    message: "SUPABASE_URL must be an http or https address",
    unaffected: [],
  },
  {
    what: "a SUPABASE_URL with a path",
    variables: () => ({ SUPABASE_URL: `${runningStack().API_URL}/rest/v1` }),
    message: "SUPABASE_URL must have no path, like https://PROJECT_REF.supabase.co",
    unaffected: [],
  },
  {
    what: "no service key",
    variables: () => noKey,
    message: supabaseMissing,
    unaffected: [],
  },
  {
    what: "SUPABASE_SECRET_KEYS that are not JSON",
    variables: () => ({ SUPABASE_SECRET_KEYS: "sb_secret_1" }),
    message: 'SUPABASE_SECRET_KEYS must be a JSON object like {"default":"sb_secret_…"}',
    unaffected: [],
  },
  {
    what: "the anon key as SUPABASE_SERVICE_ROLE_KEY",
    variables: () => ({ ...noKey, SUPABASE_SERVICE_ROLE_KEY: runningStack().ANON_KEY }),
    message:
      "SUPABASE_SERVICE_ROLE_KEY must be the service-role (secret) key, not an anon or publishable key",
    unaffected: [],
  },
  {
    what: "a service key of another project",
    variables: () => ({ ...noKey, SUPABASE_KEY: "sb_secret_of_another_project" }),
    message: "SUPABASE_KEY was refused by the database",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a revoked key in SUPABASE_SECRET_KEYS",
    variables: () => ({ SUPABASE_SECRET_KEYS: '{"default":"sb_secret_revoked"}' }),
    message: "SUPABASE_SECRET_KEYS was refused by the database",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a placeholder as SUPABASE_KEY",
    variables: () => ({ ...noKey, SUPABASE_KEY: "sb_secret_…" }),
    message: "SUPABASE_KEY must be the service-role (secret) key, not an anon or publishable key",
    unaffected: [],
  },
  {
    what: "CLERK_SECRET_KEY missing",
    variables: () => ({ CLERK_SECRET_KEY: null }),
    message: "CLERK_SECRET_KEY environment variable is required",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a publishable key as CLERK_SECRET_KEY",
    variables: () => ({ CLERK_SECRET_KEY: "pk_test_abc" }),
    message: "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a placeholder as CLERK_SECRET_KEY",
    variables: () => ({ CLERK_SECRET_KEY: "sk_test_…" }),
    message: "CLERK_SECRET_KEY must be the instance's secret key (sk_test_… or sk_live_…)",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "the CLERK_SECRET_KEY of another instance",
    variables: () => ({ CLERK_SECRET_KEY: "sk_test_of_another_instance" }),
    message: "CLERK_SECRET_KEY was refused by Clerk",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a CLERK_API_URL that is not a web address",
    variables: () => ({ CLERK_API_URL: "localhost:54324" }),
    message: "CLERK_API_URL must be an http or https address",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a CLERK_JWT_KEY that is not PEM",
    variables: () => ({ CLERK_JWT_KEY: "MIIBIjANBgkqhkiG9w0" }),
    message: "CLERK_JWT_KEY must be a public key in PEM (BEGIN PUBLIC KEY)",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "a CLERK_ISSUER that is not a web address",
    variables: () => ({ CLERK_ISSUER: "clerk.example.com" }),
    message: "CLERK_ISSUER must be an http or https address",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "CLERK_AUTHORIZED_PARTIES without a party",
    variables: () => ({ CLERK_AUTHORIZED_PARTIES: "," }),
    message: "CLERK_AUTHORIZED_PARTIES must be origins, separated by commas",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "CLERK_AUTHORIZED_PARTIES in quotes",
    variables: () => ({ CLERK_AUTHORIZED_PARTIES: '"https://app.example.com"' }),
    message: "CLERK_AUTHORIZED_PARTIES must be origins, separated by commas",
    unaffected: ["clerk-webhook"],
  },
  {
    what: "CLERK_INSTANCE_ID in quotes",
    variables: () => ({ CLERK_INSTANCE_ID: '"ins_1"' }),
    message: "CLERK_INSTANCE_ID must be the id of one Clerk instance (ins_…)",
    unaffected: ["users-me", "users-sync"],
  },
  {
    what: "CLERK_WEBHOOK_SECRET missing",
    variables: () => ({ CLERK_WEBHOOK_SECRET: null }),
    message: "CLERK_WEBHOOK_SECRET environment variable is required",
    unaffected: ["users-me", "users-sync"],
  },
  {
    what: "a malformed CLERK_WEBHOOK_SIGNING_SECRET beside a good secret",
    variables: () => ({ CLERK_WEBHOOK_SIGNING_SECRET: "whsec_" }),
    message: "CLERK_WEBHOOK_SIGNING_SECRET must be the endpoint's signing secret (whsec_…)",
    unaffected: ["users-me", "users-sync"],
  },
  {
    what: "a malformed CLERK_WEBHOOK_SECRET",
    variables: () => ({ CLERK_WEBHOOK_SECRET: "whsec_short" }),
    message: "CLERK_WEBHOOK_SECRET must be the endpoint's signing secret (whsec_…)",
    unaffected: ["users-me", "users-sync"],
  },
];

for (const { what, variables, message, unaffected } of cases) {
  Deno.test(`with ${what}, only the affected functions fail and say why, and nothing is missing once it is fixed`, async () => {
    await withVariables(variables(), async () => {
      await clerk().users.updateUser(userId, { firstName: what });
      for (const name of functionNames) {
        assert.equal(await ask(name), unaffected.includes(name) ? "served" : message, name);
      }
    });
    for (const name of functionNames) assert.equal(await ask(name), "served", name);
    await eventually("Svix has delivered everything", async () => {
      const { counts } = await readMessages({ limit: "1" });
      assert.equal(counts.failed, 0);
      return counts.pending === 0;
    });
    await assertAsInClerk(userId);
  });
}

Deno.test("users-me with CLERK_JWT_KEY serves its first request while Clerk is down", async () => {
  await withVariables({ CLERK_JWT_KEY: runningStack().CLERK_JWT_KEY }, async () => {
    const restore = await keepDown(doubleOf(own.stack));
    try {
      assert.equal((await callWithToken("users-me", token)).status, 200);
      const synced = await callWithToken("users-sync", token);
      assert.equal(synced.status, 503);
      assert.equal(errorOf(synced).code, "clerk_unavailable");
      assert.match(errorOf(synced).hint ?? "", /^Until Clerk answers again, users-me gives/);
      // A bad token is still called a bad token during an outage.
      const none = await call("users-me", { headers: { authorization: "Bearer a.b.c" } });
      assert.equal(none.status, 401);
    } finally {
      await restore();
    }
  });
});
