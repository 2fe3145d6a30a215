/** A real token that is not accepted, or says too little. */
import assert from "node:assert/strict";
import { clerk, signClaims } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { doubleOf } from "../support/stack/double_part.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import {
  assertFindings,
  type Chain,
  control,
  settle,
  startChain,
  withFaults,
} from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

const needToken = ["accepted-token", "role-claim", "third-party-auth"];

Deno.test("doctor leaves no session behind", async () => {
  assertFindings(await chain.examine(), {});
  const { CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  const { data } = await clerk().users.getUserList();
  const sessions = data.map(async ({ id }) => {
    const answer = await fetch(`${CLERK_API_URL}/v1/sessions?user_id=${id}&status=active`, {
      headers: { authorization: `Bearer ${CLERK_SECRET_KEY}` },
    });
    return await answer.json();
  });
  assert.deepEqual(await Promise.all(sessions), [[], []]);
});

Deno.test("a token without the role claim names the one switch", async () => {
  await control("PUT", "integrations", { supabase: false });
  try {
    assertFindings(await chain.examine(), {
      failed: {
        "role-claim": [/lack the claim/, /https:\/\/dashboard\.clerk\.com\/setup\/supabase/],
      },
    });
  } finally {
    await control("PUT", "integrations", { supabase: true });
  }
});

Deno.test("a Data API that does not know who issued the token lacks third-party auth", async () => {
  // PostgREST goes on with the key that it started with, as if the provider had never been added.
  await control("POST", "keys/rotate", { keep_ms: 600_000 });
  // Asks for unknown keys at most every 10 s.
  await chain.own.stack.functions.get("users-me")?.restart();
  try {
    assertFindings(await chain.examine(), {
      failed: { "third-party-auth": [/does not accept Clerk's tokens/, /Third-Party Auth/] },
    });
  } finally {
    await doubleOf(chain.own.stack).restart();
    await control("PUT", "endpoint", { url: chain.webhookUrl, retry_schedule_ms: [100, 200, 400] });
    await settle();
  }
});

Deno.test("a function with another issuer refuses the token", async () => {
  const variables = { CLERK_ISSUER: "https://another.example.com" };
  await chain.own.withEnvironment("users-me", variables, async () => {
    assertFindings(await chain.examine(), {
      failed: { "accepted-token": [/users-me refuses a real session token/, /CLERK_ISSUER/] },
    });
  });
});

Deno.test("a function that takes only the app's origins is no fault, but doctor's own token shows less", async () => {
  const given = await chain.signIn();
  // The double's own sessions have another origin than the app, as doctor's have in Clerk.
  const variables = { CLERK_AUTHORIZED_PARTIES: "https://app.example.com" };
  await chain.own.withEnvironment("users-me", variables, async () => {
    const findings = await chain.examine();
    assertFindings(findings, { skipped: ["accepted-token"] });
    const found = findings.find(({ name }) => name === "accepted-token");
    assert.match(found?.finding ?? "", /^users-me verifies .* CLERK_AUTHORIZED_PARTIES/);
    assert.match(found?.remedy ?? "", /--token/);
    assertFindings(await chain.examine({ token: given }), {
      failed: {
        "accepted-token": [
          /refuses a real session token for its origin/,
          /^Add the app's origin to CLERK_AUTHORIZED_PARTIES/,
        ],
      },
    });
  });
});

Deno.test("a given token of an authorized origin is accepted", async () => {
  const token = await chain.signIn();
  const variables = { CLERK_AUTHORIZED_PARTIES: "https://app.example.com,http://localhost:3000" };
  await chain.own.withEnvironment("users-me", variables, async () => {
    assertFindings(await chain.examine({ token }), {});
  });
});

Deno.test("a given token is taken in place of a new session's", async () => {
  const token = await chain.signIn();
  await withFaults([{ route: "POST /v1/sessions*", status: 500 }], async () => {
    assertFindings(await chain.examine({ token }), {});
  });
});

Deno.test("a given token that has expired or is none is named", async () => {
  const expired = await signClaims({
    sub: "user_1",
    iss: "https://a.example.com",
    exp: 1_700_000_000,
  });
  for (
    const [token, finding] of [[expired, /has expired/], [
      "sb_secret_1",
      /not a session token/,
    ]] as const
  ) {
    assertFindings(await chain.examine({ token }), {
      failed: { "session-token": [finding, /getToken/] },
      skipped: needToken,
    });
  }
});

Deno.test("a production instance signs nobody in, and says how to give a token", async () => {
  await using production = productionClerk();
  const findings = await chain.examine({ environment: { CLERK_API_URL: production.url } });
  assertFindings(findings, { skipped: ["session-token", ...needToken] });
  const found = findings.find(({ name }) => name === "session-token");
  assert.match(found?.remedy ?? "", /--token/);
  assert.ok(!production.requests.some(({ path }) => path.startsWith("/v1/sessions")));
});

/** The double, but for production. */
function productionClerk() {
  const { CLERK_API_URL = "" } = chain.environment;
  return serveLoopback(async (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("host");
    const answer = await fetch(`${CLERK_API_URL}${pathname}${search}`, {
      method: request.method,
      headers,
      body: request.body && await request.arrayBuffer(),
    });
    if (pathname !== "/v1/instance") return answer;
    return Response.json({ ...await answer.json(), environment_type: "production" });
  });
}

Deno.test("an instance without users is no fault", async () => {
  await withFaults([{ route: "POST /v1/sessions", status: 422 }], async () => {
    assertFindings(await chain.examine(), { skipped: ["session-token", ...needToken] });
  });
});
