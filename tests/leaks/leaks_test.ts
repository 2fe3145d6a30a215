/**
 * Plants canaries wherever a caller, Clerk or the database can put text, on paths that succeed and on
 * paths that fail. Then searches every error and every log for them.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventBody } from "../support/clerk/event_json.ts";
import { withSql } from "../support/database/connections.ts";
import {
  canaryMembership,
  canaryOrganization,
  canaryUser,
  email,
  metadata,
} from "../support/leaks/canary_documents.ts";
import { canary } from "../support/leaks/leak.ts";
import {
  clerk,
  signClaims,
  signIn,
  signInPending,
  signUp,
  webhooksSettled,
} from "../support/stack/clerk.ts";
import { deliver, signedHeaders } from "../support/stack/deliver.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { call, callWithToken } from "../support/stack/supabase.ts";
import { startUpstream, type Upstream } from "./upstream.ts";
import { type Watch, watchLeaks } from "./watch.ts";

let own: OwnStack;
let upstream: Upstream;

Deno.test.beforeAll(async () => {
  upstream = startUpstream();
  own = await startOwnStack();
});
Deno.test.afterAll(async () => {
  await own.stop();
  await upstream[Symbol.asyncDispose]();
});

/** A test that watches every answer. At its end every error must be logged, and nothing may have leaked. */
function leakTest(name: string, run: (watch: Watch) => Promise<void>): void {
  Deno.test(name, async () => {
    const watch = watchLeaks(own.stack);
    await run(watch);
    await watch.assertQuiet();
  });
}

leakTest("a user's data never appears in a log, from sign-up to deletion", async (watch) => {
  const user = await signUp({
    emailAddress: [email],
    firstName: `${canary}first`,
    lastName: `${canary}last`,
    externalId: `${canary}external`,
    publicMetadata: metadata,
    privateMetadata: metadata,
    unsafeMetadata: metadata,
  });
  await webhooksSettled();
  const token = await signIn(user.id);
  watch.served(await callWithToken("users-sync", token));
  watch.served(await callWithToken("users-me", token, "GET"));
  await clerk().users.updateUser(user.id, { firstName: `${canary}new` });
  await webhooksSettled();
  await clerk().users.deleteUser(user.id);
  await webhooksSettled();
  watch.refused(await callWithToken("users-me", token, "GET"));
  watch.refused(await callWithToken("users-sync", token));
  watch.refused(await callWithToken("users-me", await signIn((await signUp()).id), "PUT"));
});

leakTest(
  "an organization's data never appears in a log, from creation to deletion",
  async (watch) => {
    const { organizations } = clerk();
    const [admin, member] = await Promise.all([signUp(), signUp()]);
    const organization = await organizations.createOrganization({
      name: `${canary}name`,
      slug: `${canary}${crypto.randomUUID()}`,
      createdBy: admin.id,
      publicMetadata: metadata,
      privateMetadata: metadata,
    });
    const membership = { organizationId: organization.id, userId: member.id };
    await organizations.createOrganizationMembership({ ...membership, role: "org:member" });
    await webhooksSettled();
    const token = await signIn(member.id);
    const answer = await callWithToken("users-me", token, "GET");
    assert.match(JSON.stringify(answer.body), new RegExp(`"name":"${canary}name"`));
    watch.served(answer);
    await organizations.updateOrganization(organization.id, { name: `${canary}new` });
    await organizations.deleteOrganizationMembership(membership);
    await organizations.deleteOrganization(organization.id);
    await webhooksSettled();
    watch.served(await callWithToken("users-me", token, "GET"));
  },
);

leakTest(
  "a refused event about an organization or membership is neither quoted nor logged",
  async (watch) => {
    const wrong = [canary, { [canary]: email }, [canary], 7, true, null];
    const outcomes = new Set<string>();
    for (const field of Object.keys(canaryOrganization())) {
      for (const value of wrong) {
        const data = canaryOrganization({ [field]: value });
        outcomes.add(watch.hear(await deliver(eventBody("organization.updated", data))));
      }
    }
    for (const field of Object.keys(canaryMembership())) {
      for (const value of wrong) {
        const data = canaryMembership({ [field]: value });
        outcomes.add(watch.hear(await deliver(eventBody("organizationMembership.updated", data))));
      }
    }
    // The event is accepted if the field is not read.
    assert.deepEqual([...outcomes].sort(), ["invalid_event", "served"]);
    for (
      const body of [
        eventBody("organization.deleted", { id: { [canary]: email } }),
        eventBody("organizationMembership.deleted", { [canary]: email }),
      ]
    ) assert.equal(watch.refused(await deliver(body)), "invalid_event");
  },
);

leakTest("a bad token is neither quoted nor logged", async (watch) => {
  const { ANON_KEY, SERVICE_ROLE_KEY, SECRET_KEY } = runningStack();
  const user = await signUp();
  const genuine = await signIn(user.id);
  const exp = Math.floor(Date.now() / 1000) + 60;
  const tokens = [
    `${genuine}x`,
    genuine.slice(0, -20),
    genuine.split(".").slice(0, 2).join("."),
    ANON_KEY,
    SERVICE_ROLE_KEY,
    SECRET_KEY,
    `${canary}token`,
    await signClaims({ sub: `${canary}sub`, email, metadata, exp }),
    await signClaims({ sub: { [canary]: canary }, exp }),
    await signClaims({ sub: "user_1", email, exp: 1 }),
    await signClaims({ sub: "user_1", azp: `https://${canary}azp.example.com`, exp }),
    await signInPending(user.id),
  ];
  const codes = new Set<string>();
  for (const name of ["users-me", "users-sync"]) {
    const requests = [
      ...tokens.flatMap((token) => [
        () => callWithToken(name, token),
        () => call(name, { method: "POST", headers: { authorization: `Basic ${token}` } }),
        () => call(`${name}?token=${token}`, { method: "POST" }),
      ]),
      () =>
        call(`${name}/${canary}path?${canary}query=${email}`, {
          method: "POST",
          headers: { "x-request-id": `${canary} ${email}`, "user-agent": canary, cookie: canary },
          body: JSON.stringify(metadata),
        }),
    ];
    for (const request of requests) codes.add(watch.refused(await request()));
  }
  for (const code of ["invalid_token", "missing_token", "session_pending"]) {
    assert.ok(codes.has(code), code);
  }
});

leakTest("a refused event is neither quoted nor logged", async (watch) => {
  const id = `user_${crypto.randomUUID().replaceAll("-", "")}`;
  const wrong = [canary, { [canary]: email }, [canary], 7, true];
  const fields = Object.keys(canaryUser({ id }));
  const bodies = [
    `${canary}: not JSON, ${email}`,
    JSON.stringify(canary),
    JSON.stringify({ [canary]: email }),
    eventBody("", canaryUser({ id })),
    eventBody("user.created", canary),
    eventBody("user.created", { ...canaryUser({ id }), id: email }),
    eventBody("user.deleted", { id: { [canary]: email } }),
    eventBody("user.deleted", { id, [canary]: email }, { timestamp: canary }),
    eventBody("session.created", { user_id: id, [canary]: email }),
    ...fields.flatMap((field) =>
      wrong.map((value) => eventBody("user.updated", canaryUser({ id, [field]: value })))
    ),
    eventBody(
      "user.created",
      canaryUser({
        id,
        public_metadata: JSON.parse(
          `{"${canary}":`.repeat(100) + `"${email}"` + "}".repeat(100),
        ),
      }),
    ),
  ];
  const outcomes = new Set<string>();
  for (const body of bodies) outcomes.add(watch.hear(await deliver(body)));
  assert.deepEqual([...outcomes].sort(), ["invalid_event", "served"]);
  const body = eventBody("user.created", canaryUser({ id }));
  const other = `whsec_${btoa(`${canary}secret-of-24-bytes`)}`;
  const bytes = Uint8Array.from([...new TextEncoder().encode(body), 0xff]);
  const headers = signedHeaders(body);
  const refusals = [
    await deliver(body, { secret: other }),
    await deliver(body, { sentAt: new Date(0) }),
    await call("clerk-webhook", { method: "POST", body }),
    await call("clerk-webhook", { method: "PUT", body, headers }),
    await call("clerk-webhook", { method: "POST", body: canary.repeat(200_000), headers }),
    await call("clerk-webhook", { method: "POST", body: bytes, headers }),
  ];
  assert.deepEqual(refusals.map(watch.refused), [
    ...["invalid_signature", "invalid_signature", "invalid_signature"],
    ...["method_not_allowed", "payload_too_large", "invalid_request"],
  ]);
  // The signature is genuine, and an id may be any text.
  watch.served(await deliver(body, { id: `${canary}${email}` }));
});

leakTest(
  "a fact refused by the database is quoted nowhere, not even in the database's log",
  async (watch) => {
    const refuse = (table: string, column: string) =>
      withSql((sql) =>
        sql.unsafe(
          `alter table public.${table} add constraint refuse check (${column} <> '${canary}refused')`,
        )
      );
    await refuse("users", "first_name");
    await refuse("organizations", "name");
    await refuse("organization_memberships", "role");
    try {
      const user = await signUp({ firstName: `${canary}refused`, emailAddress: [email] });
      await webhooksSettled();
      const changed = canaryUser({ id: user.id, first_name: `${canary}refused` });
      const organization = canaryOrganization({ name: `${canary}refused` });
      const membership = canaryMembership({ role: `${canary}refused` });
      for (
        const answer of [
          await callWithToken("users-sync", await signIn(user.id)),
          await deliver(eventBody("user.updated", changed)),
          await deliver(eventBody("organization.created", organization)),
          await deliver(eventBody("organizationMembership.created", membership)),
        ]
      ) {
        assert.equal(watch.refused(answer), "database_refused");
        assert.equal(answer.status, 500);
      }
    } finally {
      for (const table of ["users", "organizations", "organization_memberships"]) {
        await withSql((sql) => sql.unsafe(`alter table public.${table} drop constraint refuse`));
      }
    }
    const log = await Deno.readTextFile(join(own.stack.directory, "logs", "postgres.log"));
    assert.match(log, /ready to accept connections/);
    const lines = log.split("\n").filter((line) => line.includes(canary));
    assert.deepEqual(lines, []);
  },
);

const clerkError = { errors: [{ code: `${canary}code`, message: email, long_message: canary }] };

leakTest(
  "an odd answer from Clerk instead of a user is neither quoted nor logged",
  async (watch) => {
    const { CLERK_JWT_KEY } = runningStack();
    const token = await signIn((await signUp()).id);
    await webhooksSettled();
    await own.withEnvironment(
      "users-sync",
      { CLERK_API_URL: upstream.url, CLERK_JWT_KEY },
      async () => {
        const before = upstream.requests.length;
        for (const status of [400, 401, 403, 404, 422, 429, 500, 503]) {
          upstream.answerWith(status, clerkError);
          watch.refused(await callWithToken("users-sync", token));
        }
        for (const answer of [metadata, canary, canaryUser({ id: "user_1", updated_at: canary })]) {
          upstream.answerWith(200, answer);
          watch.refused(await callWithToken("users-sync", token));
        }
        upstream.answerWith(200, `<p>${email}</p>`, "text/html");
        watch.refused(await callWithToken("users-sync", token));
        assert.ok(upstream.requests.length - before >= 12);
      },
    );
  },
);

leakTest(
  "an odd answer from Clerk instead of its keys is neither quoted nor logged",
  async (watch) => {
    const token = await signIn((await signUp()).id);
    // Malformed keys are not an outage. The token's key is just not among them.
    const answers = [
      [500, clerkError, "clerk_unavailable"],
      [200, { keys: [{ kid: canary, kty: canary }] }, "invalid_token"],
    ] as const;
    for (const [status, body, code] of answers) {
      upstream.answerWith(status, body);
      await own.withEnvironment("users-me", { CLERK_API_URL: upstream.url }, async () => {
        assert.equal(watch.refused(await callWithToken("users-me", token)), code);
      });
    }
  },
);

leakTest(
  "an odd answer from the database instead of rows is neither quoted nor logged",
  async (watch) => {
    const token = await signIn((await signUp()).id);
    await webhooksSettled();
    const failing = {
      code: "23514",
      message: canary,
      details: `Failing row: ${email}`,
      hint: canary,
    };
    const outcomes = new Set<string>();
    for (const name of ["users-me", "users-sync", "clerk-webhook"]) {
      await own.withEnvironment(name, { SUPABASE_URL: upstream.url }, async () => {
        for (const status of [200, 400, 401, 403, 404, 500]) {
          for (const body of [failing, `${canary} ${email}`, [metadata], [{ is_active: canary }]]) {
            upstream.answerWith(status, body);
            outcomes.add(watch.hear(
              name === "clerk-webhook"
                ? await deliver(eventBody("user.created", canaryUser({ id: "user_1" })))
                : await callWithToken(name, token),
            ));
          }
        }
      });
    }
    assert.ok(outcomes.has("database_unavailable"));
  },
);

leakTest("a wrong variable is named without its value", async (watch) => {
  const token = await signIn((await signUp()).id);
  const misconfigured: readonly (readonly [string, Record<string, string>, string])[] = [
    ["users-me", { SUPABASE_SECRET_KEYS: `{"default":"${canary}` }, "server_misconfigured"],
    ["users-sync", { CLERK_SECRET_KEY: `sk_test_${canary}secret` }, "server_misconfigured"],
    ["clerk-webhook", { CLERK_WEBHOOK_SECRET: `whsec_${canary}` }, "server_misconfigured"],
    ["clerk-webhook", { CLERK_INSTANCE_ID: `ins_${canary}` }, "server_misconfigured"],
    ["clerk-webhook", { CLERK_INSTANCE_ID: "ins_another" }, "wrong_instance"],
    ["users-me", { CLERK_AUTHORIZED_PARTIES: canary }, "server_misconfigured"],
  ];
  for (const [name, variables, code] of misconfigured) {
    await own.withEnvironment(name, variables, async () => {
      const answer = name === "clerk-webhook"
        ? await deliver(eventBody("user.created", canaryUser({ id: "user_1" })))
        : await callWithToken(name, token);
      assert.equal(watch.refused(answer), code);
    });
  }
});
