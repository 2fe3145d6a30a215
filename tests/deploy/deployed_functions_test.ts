import assert from "node:assert/strict";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkMembershipJson, joining } from "../support/clerk/organization_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { denoOf } from "../support/deploy/binaries.ts";
import { edgeRuntime, startDeployed } from "../support/deploy/deployed_function.ts";
import type { Upload } from "../support/deploy/management_api.ts";
import { newClerkId } from "../support/facts/facts.ts";
import type { ReceivedRequest } from "../support/loopback_server.ts";
import { signIn, signUp, withoutWebhooks } from "../support/stack/clerk.ts";
import { signedHeaders } from "../support/stack/deliver.ts";
import { errorOf, readRow } from "../support/stack/supabase.ts";
import { startCountedApi } from "./counted_api.ts";
import { rehearseOwnDeployment } from "./own_deployment.ts";

let uploads: readonly Upload[];

Deno.test.beforeAll(async () => {
  uploads = (await rehearseOwnDeployment()).uploads;
});

function uploaded(name: string): Upload {
  const upload = uploads.find(({ slug }) => slug === name);
  if (!upload) throw new Error(`${name} was not uploaded`);
  return upload;
}

async function request(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function describe({ method, path }: ReceivedRequest): string {
  return `${method} ${path}`;
}

for (const version of [edgeRuntime, Deno.version.deno]) {
  Deno.test(`the uploaded users-sync and users-me answer a session token on Deno ${version}`, async () => {
    const deno = await denoOf(version);
    const [user, token] = await withoutWebhooks(async () => {
      const user = await signUp();
      return [user, await signIn(user.id)] as const;
    });
    const headers = { authorization: `Bearer ${token}` };
    await using usersSync = await startDeployed(uploaded("users-sync"), deno);
    const created = await request(usersSync.url, { method: "POST", headers });
    const row = await readRow(user.id);
    assert.equal(created.status, 201);
    assert.equal(row?.email, user.primaryEmailAddress?.emailAddress);
    assert.deepEqual(created.body, { message: "User created", user: row });

    await using api = startCountedApi();
    const variables = { SUPABASE_URL: api.url };
    await using usersMe = await startDeployed(uploaded("users-me"), deno, variables);
    const found = await request(usersMe.url, { headers });
    assert.equal(found.status, 200);
    assert.deepEqual(found.body, { user: row, organizations: [] });
    assert.deepEqual(
      api.requests.map(describe),
      ["GET /rest/v1/rpc/find_clerk_users"],
      "asked once",
    );
    assert.equal(errorOf(await request(usersMe.url, {})).code, "missing_token");
  });

  Deno.test(`the uploaded clerk-webhook applies a signed event on Deno ${version}`, async () => {
    await using webhook = await startDeployed(uploaded("clerk-webhook"), await denoOf(version));
    const id = newClerkId();
    const body = eventBody("user.created", clerkUserJson({ id }));
    const headers = { "content-type": "application/json", ...signedHeaders(body) };
    const applied = await request(webhook.url, { method: "POST", headers, body });
    assert.equal(applied.status, 200);
    assert.deepEqual(applied.body, { received: true, outcome: "applied" });
    assert.equal((await readRow(id))?.email, "work@example.com");
    const membership = clerkMembershipJson({
      id: newClerkId("orgmem"),
      ...joining(id, newClerkId("org")),
    });
    for (
      const body of [
        eventBody("organizationMembership.created", membership),
        eventBody("organization.created", membership.organization),
      ]
    ) {
      const headers = { "content-type": "application/json", ...signedHeaders(body) };
      const answer = await request(webhook.url, { method: "POST", headers, body });
      assert.deepEqual(answer.body, { received: true, outcome: "applied" });
    }
    const forged = await request(webhook.url, { method: "POST", headers, body: `${body} ` });
    assert.equal(errorOf(forged).code, "invalid_signature");
  });

  for (
    const { name, missing } of [
      { name: "users-sync", missing: "CLERK_SECRET_KEY" },
      { name: "users-me", missing: "CLERK_SECRET_KEY" },
      { name: "clerk-webhook", missing: "CLERK_WEBHOOK_SECRET" },
    ]
  ) {
    Deno.test(`the uploaded ${name} boots without ${missing} and names it on Deno ${version}`, async () => {
      const deno = await denoOf(version);
      await using deployed = await startDeployed(uploaded(name), deno, { [missing]: null });
      const answer = await request(deployed.url, { method: "POST" });
      assert.equal(answer.status, 500);
      const { code, message, request_id: requestId } = errorOf(answer);
      assert.equal(code, "server_misconfigured");
      assert.equal(message, `${missing} environment variable is required`);
      assert.ok(deployed.log().some((line) => line.includes(message) && line.includes(requestId)));
    });
  }
}
