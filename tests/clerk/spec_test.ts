import assert from "node:assert/strict";
import type { ValidateFunction } from "ajv";
import { z } from "zod";
import type { ClerkDouble } from "../../local/clerk/double.ts";
import { readSpecification } from "../support/clerk/openapi.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import { makeDouble, secretKey } from "./running_double.ts";

const backendApi = readSpecification("bapi-2026-05-12.yml");
const webhooks = readSpecification("webhooks-2025-04-15.yml");

/** Routes of Clerk that its published file does not list. */
const unlisted: Record<string, ValidateFunction> = {
  "GET /.well-known/jwks.json": backendApi.component("JWKS"),
};

const resource = z.looseObject({ id: z.string() });

/** Sends requests to a double and validates every answer. */
function validatingClient(double: ClerkDouble, validated: Set<string>) {
  const routes = double.routes.map((route) => {
    const [method = "", path = ""] = route.split(" ");
    return { route, method, pattern: new URLPattern({ pathname: path }), path };
  });
  return async (
    method: string,
    path: string,
    options: { body?: unknown; status?: number; secretKey?: string } = {},
  ): Promise<unknown> => {
    const url = new URL(path, "http://clerk.test");
    const response = await double.fetch(
      new Request(url, {
        method,
        headers: {
          authorization: `Bearer ${options.secretKey ?? secretKey}`,
          "content-type": "application/json",
        },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
      }),
    );
    const body: unknown = await response.json();
    const what = `${method} ${path} ${response.status} ${JSON.stringify(body)}`;
    assert.equal(response.status, options.status ?? 200, what);
    assert.equal(response.headers.get("content-type"), "application/json", what);
    // A literal path takes precedence over one with a parameter.
    const served = routes.filter((route) => route.method === method && route.pattern.test(url))
      .sort((one, other) => one.path.split(":").length - other.path.split(":").length).at(0);
    assert.ok(served, `${what}: the double lists no such route`);
    const specPath = served.path.replace(/^\/v1/, "").replaceAll(/:(\w+)/g, "{$1}");
    const listed = backendApi.response(method, specPath, response.status);
    const validate = listed ??
      (response.ok ? unlisted[served.route] : backendApi.component("ClerkErrors"));
    assert.ok(validate, `${what}: Clerk has no such answer there`);
    assert.ok(validate(body), `${what}: ${JSON.stringify(validate.errors)}`);
    validated.add(`${served.route} ${response.ok ? "success" : "error"}`);
    return body;
  };
}

type Call = ReturnType<typeof validatingClient>;

const texts = {
  external_id: "legacy-7",
  username: "ada_1",
  first_name: "Ada",
  last_name: "Lovelace",
};

/** Uses every route of organizations and memberships. Both users end without a membership. */
async function useOrganizations(call: Call, userId: string, otherId: string): Promise<void> {
  await call("POST", "/v1/organizations", { body: { name: "Bare" } });
  const organization = resource.parse(
    await call("POST", "/v1/organizations", {
      body: {
        name: "Acme Inc",
        slug: "acme",
        created_by: userId,
        public_metadata: { plan: "pro" },
        private_metadata: { note: "x" },
        created_at: "2023-01-02T03:04:05.678Z",
      },
    }),
  );
  const path = `/v1/organizations/${organization.id}`;
  await call("POST", "/v1/organizations", { body: {}, status: 422 });
  await call("POST", "/v1/organizations", { body: { name: "B", slug: "acme" }, status: 422 });
  await call("POST", "/v1/organizations", { body: { name: "B", slug: "A b" }, status: 422 });
  const stranger = { name: "B", created_by: "user_unknown" };
  await call("POST", "/v1/organizations", { body: stranger, status: 400 });
  await call("GET", "/v1/organizations?include_members_count=true&order_by=-created_at");
  await call("GET", "/v1/organizations?order_by=shoe_size", { status: 422 });
  await call("GET", path);
  await call("GET", "/v1/organizations/acme?include_members_count=true");
  await call("GET", "/v1/organizations/org_unknown", { status: 404 });
  await call("PATCH", path, { body: { name: "Acme", slug: null } });
  await call("PATCH", path, { body: { public_metadata: {} }, status: 422 });
  await call("PATCH", `${path}/metadata`, { body: { public_metadata: { plan: null, seats: 3 } } });
  await call("PATCH", `${path}/metadata`, { body: { public_metadata: 3 }, status: 422 });

  const member = { user_id: otherId, role: "org:member" };
  await call("POST", `${path}/memberships`, { body: { ...member, public_metadata: { desk: 1 } } });
  await call("POST", `${path}/memberships`, { body: member, status: 400 });
  await call("POST", `${path}/memberships`, { body: { ...member, role: "org:cat" }, status: 404 });
  await call("GET", `${path}/memberships?user_id=${otherId}&order_by=-created_at`);
  await call("GET", `${path}/memberships?order_by=shoe_size`, { status: 422 });
  await call("GET", "/v1/organization_memberships");
  await call("GET", "/v1/organization_memberships?limit=501", { status: 422 });
  await call("GET", `/v1/users/${otherId}/organization_memberships`);
  await call("GET", "/v1/users/user_unknown/organization_memberships", { status: 404 });
  const membership = `${path}/memberships/${otherId}`;
  await call("PATCH", membership, { body: { role: "org:admin" } });
  await call("PATCH", membership, { body: { role: "org:cat" }, status: 404 });
  await call("PATCH", `${membership}/metadata`, { body: { public_metadata: { desk: null } } });
  await call("PATCH", `${membership}/metadata`, { body: { role: "org:admin" }, status: 422 });

  const signIn = { user_id: otherId, active_organization_id: organization.id };
  await call("POST", "/v1/sessions", { body: signIn });
  await call("DELETE", membership);
  await call("DELETE", membership, { status: 404 });
  await call("POST", "/v1/sessions", { body: signIn, status: 404 });
  await call("DELETE", path);
  await call("DELETE", path, { status: 404 });
}

/** Uses every route of email addresses. The user ends with those that they had. */
async function useEmailAddresses(call: Call, userId: string): Promise<void> {
  const body = { user_id: userId, email_address: "augusta@example.com" };
  const { id } = resource.parse(await call("POST", "/v1/email_addresses", { body }));
  await call("POST", "/v1/email_addresses", { body, status: 422 });
  await call("POST", "/v1/email_addresses", {
    body: { ...body, user_id: "user_unknown" },
    status: 404,
  });
  const path = `/v1/email_addresses/${id}`;
  await call("GET", path);
  await call("PATCH", path, { body: { primary: true }, status: 422 });
  await call("PATCH", path, { body: { verified: true, primary: true } });
  await call("DELETE", path);
  for (const method of ["GET", "PATCH", "DELETE"]) await call(method, path, { status: 404 });
}

/** Uses every route so that each answers at least once with success and once with an error. */
async function useEverything(call: Call): Promise<void> {
  const blank = resource.parse(await call("POST", "/v1/users", { body: {} }));
  const user = resource.parse(
    await call("POST", "/v1/users", {
      body: {
        ...texts,
        email_address: ["ada@example.com", "lovelace@example.com"],
        email_address_identification_status: ["verified", "reserved"],
        phone_number: ["+15555550100"],
        password: "correct horse battery",
        public_metadata: { plan: "pro" },
        private_metadata: { note: "x" },
        unsafe_metadata: { theme: { dark: true } },
        created_at: "2023-01-02T03:04:05.678Z",
      },
    }),
  );
  const path = `/v1/users/${user.id}`;
  await call("POST", "/v1/users", { body: { email_address: ["ada@example.com"] }, status: 422 });
  await call("POST", "/v1/users", { body: { email_address: "ada@example.com" }, status: 422 });
  await call("GET", path);
  await call("GET", "/v1/users/user_unknown", { status: 404 });
  await call("GET", "/v1/users?limit=500&username=ada_1&order_by=%2Bupdated_at");
  await call("GET", "/v1/users?limit=501", { status: 422 });
  await call("GET", "/v1/users?order_by=shoe_size", { status: 422 });
  await call("GET", `/v1/users?order_by=updated_at&starting_after=${user.id}`, { status: 422 });
  await call("GET", `/v1/users?offset=1&starting_after=${user.id}`, { status: 422 });
  await call("GET", "/v1/users/count");
  await call("GET", "/v1/users/count?created_at_after=yesterday", { status: 422 });
  await call("PATCH", path, { body: { first_name: null, username: "" } });
  await call("PATCH", path, { body: { public_metadata: {} }, status: 422 });
  await call("PATCH", path, { body: { created_at: "yesterday" }, status: 422 });
  await call("PATCH", `${path}/metadata`, { body: { public_metadata: { plan: null, seats: 3 } } });
  await call("PATCH", `${path}/metadata`, { body: { public_metadata: 3 }, status: 422 });
  await useEmailAddresses(call, user.id);
  await useOrganizations(call, user.id, blank.id);

  const session = resource.parse(
    await call("POST", "/v1/sessions", { body: { user_id: user.id } }),
  );
  const other = resource.parse(
    await call("POST", "/v1/sessions", { body: { user_id: user.id } }),
  );
  await call("POST", "/v1/sessions", { body: { user_id: "user_unknown" }, status: 404 });
  await call("GET", `/v1/sessions?user_id=${user.id}&status=active`);
  await call("GET", "/v1/sessions?status=active", { status: 422 });
  await call("GET", `/v1/sessions/${session.id}`);
  await call("GET", "/v1/sessions/sess_unknown", { status: 404 });
  await call("POST", `/v1/sessions/${session.id}/tokens`);
  await call("POST", `/v1/sessions/${session.id}/tokens`, { body: { expires_in_seconds: 600 } });
  await call("POST", "/v1/sessions/sess_unknown/tokens", { status: 404 });
  await call("POST", `/v1/sessions/${other.id}/revoke`);
  await call("POST", "/v1/sessions/sess_unknown/revoke", { status: 404 });
  for (const action of ["lock", "unlock", "ban"]) {
    await call("POST", `${path}/${action}`);
    await call("POST", `/v1/users/user_unknown/${action}`, { status: 404 });
  }
  await call("POST", `/v1/sessions/${session.id}/tokens`, { status: 404 });
  await call("POST", "/v1/sessions", { body: { user_id: user.id }, status: 403 });
  await call("POST", `${path}/unban`);
  await call("DELETE", path);
  await call("DELETE", path, { status: 404 });
  await call("GET", "/v1/jwks");
  await call("GET", "/v1/instance");
  await call("GET", "/v1/domains");
  await call("GET", "/.well-known/jwks.json");
}

/** Routes that are not expected to give one of the two kinds of answer. */
const exempt = new Set([
  // Needs no key and no parameter.
  "GET /.well-known/jwks.json error",
  // Not part of the Backend API. It has its own test below.
  "GET /.well-known/openid-configuration success",
  "GET /.well-known/openid-configuration error",
]);

Deno.test("every answer of the double matches Clerk's specification", async () => {
  const double = await makeDouble();
  const validated = new Set<string>();
  const call = validatingClient(double, validated);
  await call("POST", "/v1/webhooks/svix_url", { status: 400 });
  await call("POST", "/v1/webhooks/svix");
  await call("POST", "/v1/webhooks/svix", { status: 400 });
  await call("POST", "/v1/webhooks/svix_url");
  await useEverything(call);
  // Those under /double are this double's own, and those under /api are Svix'.
  const clerks = double.routes.filter((route) => !/ \/(?:double|api|__clerk)\//.test(route));
  for (const route of clerks.filter((route) => route.includes(" /v1/"))) {
    const [method = "", path = ""] = route.split(" ");
    const body = await call(method, path, { secretKey: "sk_test_wrong", status: 401 });
    assert.match(JSON.stringify(body), /"code":"clerk_key_invalid"/);
  }
  const wanted = clerks.flatMap((route) => [`${route} success`, `${route} error`])
    .filter((answer) => !exempt.has(answer));
  assert.ok(clerks.length >= 30, `The double lists only ${clerks.length} routes`);
  assert.deepEqual(wanted.filter((answer) => !validated.has(answer)), []);
  await double.close();
});

Deno.test("every event of the double matches Clerk's specification", async () => {
  const double = await makeDouble({
    endpoint: { url: "http://127.0.0.1:9/", secrets: [signingSecret], paused: true },
  });
  await useEverything(validatingClient(double, new Set()));
  const messages = double.messages.list({ limit: 1_000 });
  for (const { type, payload } of messages) {
    const validate = webhooks.event(type);
    assert.ok(validate(payload), `${JSON.stringify(payload)}: ${JSON.stringify(validate.errors)}`);
    assert.equal(payload.type, type);
    assert.equal(payload.object, "event");
    assert.ok(Math.abs(Date.now() - Number(payload.timestamp)) < 60_000, "not in milliseconds");
  }
  assert.deepEqual(
    [...new Set(messages.map(({ type }) => type))].sort(),
    [
      "organization.created",
      "organization.deleted",
      "organization.updated",
      "organizationMembership.created",
      "organizationMembership.deleted",
      "organizationMembership.updated",
      "session.created",
      "session.revoked",
      "user.created",
      "user.deleted",
      "user.updated",
    ],
  );
  await double.close();
});

Deno.test("OIDC discovery names the issuer and the address of its keys", async () => {
  const double = await makeDouble();
  const response = await double.fetch(
    new Request("http://127.0.0.1:5432/.well-known/openid-configuration"),
  );
  const { issuer, jwks_uri: keys } = z.looseObject({ issuer: z.string(), jwks_uri: z.string() })
    .parse(await response.json());
  assert.equal(issuer, "http://127.0.0.1:5432");
  assert.equal(keys, `${issuer}/.well-known/jwks.json`);
  const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) })
    .parse(await (await double.fetch(new Request(keys))).json());
  assert.equal(keySet.keys.length, 1);
  await double.close();
});

Deno.test("the specification's own examples of events are valid", () => {
  for (
    const [type, example] of [
      ["session.created", "SessionCreatedEventPayloadExample"],
      ["session.ended", "SessionEndedEventPayloadExample"],
      ["session.removed", "SessionRemovedEventPayloadExample"],
      ["session.revoked", "SessionRevokedEventPayloadExample"],
    ] as const
  ) {
    const validate = webhooks.event(type);
    assert.ok(validate(webhooks.examples[example]), `${type}: ${JSON.stringify(validate.errors)}`);
  }
});

Deno.test("validation rejects an answer or event that differs from the specification", async () => {
  const double = await makeDouble({
    endpoint: { url: "http://127.0.0.1:9/", secrets: [signingSecret], paused: true },
  });
  const call = validatingClient(double, new Set());
  const user = z.looseObject({ id: z.string(), email_addresses: z.array(resource) }).parse(
    await call("POST", "/v1/users", { body: { email_address: ["ada@example.com"] } }),
  );
  await call("POST", "/v1/sessions", { body: { user_id: user.id } });
  const validateUser = backendApi.response("GET", "/users/{user_id}", 200);
  const validateList = backendApi.response("GET", "/users", 200);
  const validateErrors = backendApi.response("GET", "/users/{user_id}", 404);
  assert.ok(validateUser && validateList && validateErrors);
  assert.ok(validateUser(user) && validateList([user]));

  const { updated_at: _missing, ...withoutUpdatedAt } = user;
  const [email] = user.email_addresses;
  const broken: Record<string, unknown> = {
    "a missing required property": withoutUpdatedAt,
    "an extra property": { ...user, nickname: "Ada" },
    "a wrong type": { ...user, created_at: "2024-01-01T00:00:00Z" },
    "a fraction of a millisecond": { ...user, created_at: 1.5 },
    "null where it is not allowed": { ...user, banned: null },
    "a wrong enumerated value": { ...user, object: "person" },
    "an extra nested property": { ...user, email_addresses: [{ ...email, nickname: "x" }] },
    "an unknown verification": {
      ...user,
      email_addresses: [{ ...email, verification: { object: "verification_tarot" } }],
    },
    "a verification without its discriminator": {
      ...user,
      email_addresses: [{
        ...email,
        verification: { status: "verified", strategy: "admin", attempts: null, expire_at: null },
      }],
    },
  };
  for (const [what, answer] of Object.entries(broken)) {
    assert.equal(validateUser(answer), false, what);
    assert.equal(validateList([answer]), false, what);
  }
  assert.ok(validateUser({ ...user, email_addresses: [{ ...email, verification: null }] }));
  assert.equal(validateList({ data: [user] }), false);
  assert.equal(validateErrors({ errors: [{ message: "x", code: "y" }] }), false);

  for (const { type, payload } of double.messages.list({ limit: 10 })) {
    const validate = webhooks.event(type);
    const { data, ...envelope } = payload;
    assert.ok(validate(payload), type);
    assert.equal(validate(envelope), false, type);
    assert.equal(validate({ ...payload, timestamp: "now" }), false, type);
    assert.equal(validate({ ...payload, data: { ...z.looseObject({}).parse(data), x: 1 } }), false);
  }
  await double.close();
});
