import assert from "node:assert/strict";
import { z } from "zod";
import type { ClerkDouble, ClerkDoubleOptions } from "../../local/clerk/double.ts";
import { makeDouble, secretKey } from "./running_double.ts";

const controlHeaders = {
  authorization: `Bearer ${secretKey}`,
  "content-type": "application/json",
};

const frozenAt = Date.parse("2024-05-06T07:08:09.123Z");

const identification = z.looseObject({
  id: z.string(),
  verification: z.looseObject({ status: z.string() }).nullable(),
  reserved: z.boolean(),
});
const user = z.looseObject({
  id: z.string(),
  primary_email_address_id: z.string().nullable(),
  primary_phone_number_id: z.string().nullable(),
  email_addresses: z.array(identification.extend({ email_address: z.string() })),
  public_metadata: z.record(z.string(), z.unknown()),
  created_at: z.int(),
  updated_at: z.int(),
  last_sign_in_at: z.int().nullable(),
  last_active_at: z.int().nullable(),
});
const errors = z.object({
  errors: z.array(z.looseObject({
    code: z.string(),
    meta: z.object({ param_name: z.string() }).optional(),
  })).default([]),
});

/** A double whose clock stands still at `frozenAt` by default. */
async function frozenDouble(options: Partial<ClerkDoubleOptions> = {}): Promise<ClerkDouble> {
  return await makeDouble({ now: () => frozenAt, ...options });
}

async function send(double: ClerkDouble, method: string, path: string, body?: unknown) {
  const response = await double.fetch(
    new Request(`http://clerk.test/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
  return { status: response.status, body: await response.json() as unknown };
}

async function sendForUser(double: ClerkDouble, method: string, path: string, body?: unknown) {
  const answer = await send(double, method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return user.parse(answer.body);
}

/** No errors if the request succeeds. */
async function sendForErrors(double: ClerkDouble, method: string, path: string, body?: unknown) {
  const answer = await send(double, method, path, body);
  const found = errors.parse(answer.body).errors;
  return found.map(({ code, meta }) => `${answer.status} ${code} ${meta?.param_name ?? ""}`.trim());
}

Deno.test("the first email address is primary and verified, but reserved addresses are not", async () => {
  const double = await frozenDouble();
  const created = await sendForUser(double, "POST", "/users", {
    email_address: ["one@example.com", "two@example.com"],
    email_address_identification_status: ["verified", "reserved"],
  });
  const [first, second] = created.email_addresses;
  assert.equal(created.primary_email_address_id, first?.id);
  assert.equal(first?.verification?.status, "verified");
  assert.equal(first?.reserved, false);
  assert.equal(second?.verification, null);
  assert.equal(second?.reserved, true);
  await double.close();
});

Deno.test("a user without addresses and numbers has no primary address or number", async () => {
  const double = await frozenDouble();
  const created = await sendForUser(double, "POST", "/users", { first_name: "Ada" });
  assert.equal(created.primary_email_address_id, null);
  assert.equal(created.primary_phone_number_id, null);
  assert.deepEqual(created.email_addresses, []);
  await double.close();
});

Deno.test("only a user's own verified address can become primary", async () => {
  const double = await frozenDouble();
  const { id, email_addresses: emails } = await sendForUser(double, "POST", "/users", {
    email_address: ["one@example.com", "two@example.com", "three@example.com"],
    email_address_identification_status: ["verified", "verified", "reserved"],
  });
  const other = await sendForUser(double, "POST", "/users", { email_address: ["x@example.com"] });
  const changed = await sendForUser(double, "PATCH", `/users/${id}`, {
    primary_email_address_id: emails[1]?.id,
  });
  assert.equal(changed.primary_email_address_id, emails[1]?.id);
  for (const wrong of [emails[2]?.id, other.primary_email_address_id, "idn_unknown"]) {
    assert.deepEqual(
      await sendForErrors(double, "PATCH", `/users/${id}`, { primary_email_address_id: wrong }),
      ["422 form_resource_not_found primary_email_address_id"],
    );
  }
  await double.close();
});

Deno.test("an added email address becomes primary if it is the first, or verified and asked to", async () => {
  const double = await frozenDouble();
  const { id } = await sendForUser(double, "POST", "/users", { username: "ada" });
  const read = () => sendForUser(double, "GET", `/users/${id}`);
  const add = async (address: string, more: object) => {
    const body = { user_id: id, email_address: address, ...more };
    return await sendForErrors(double, "POST", "/email_addresses", body);
  };
  assert.deepEqual(await add("One@example.com", {}), []);
  const first = await read();
  assert.equal(first.primary_email_address_id, first.email_addresses[0]?.id);
  assert.equal(first.email_addresses[0]?.email_address, "one@example.com");
  assert.equal(first.email_addresses[0]?.verification, null);

  assert.deepEqual(await add("two@example.com", { verified: true }), []);
  assert.equal((await read()).primary_email_address_id, first.primary_email_address_id);
  assert.deepEqual(await add("three@example.com", { primary: true }), [
    "422 form_param_value_invalid primary",
  ]);
  assert.deepEqual(await add("three@example.com", { verified: true, primary: true }), []);
  const last = await read();
  assert.equal(last.primary_email_address_id, last.email_addresses[2]?.id);
  assert.ok(last.updated_at > first.updated_at);
  assert.deepEqual(await add("two@example.com", {}), ["422 form_identifier_exists email_address"]);
  await double.close();
});

Deno.test("nobody holds an email address that is not verified", async () => {
  const double = await frozenDouble();
  const [ada, bob] = [
    await sendForUser(double, "POST", "/users", { username: "ada" }),
    await sendForUser(double, "POST", "/users", { username: "bob" }),
  ];
  const ids = [];
  for (const { id } of [ada, bob]) {
    const body = { user_id: id, email_address: "shared@example.com" };
    assert.deepEqual(await sendForErrors(double, "POST", "/email_addresses", body), []);
    ids.push((await sendForUser(double, "GET", `/users/${id}`)).email_addresses[0]?.id);
  }
  const verify = (id: string | undefined) =>
    sendForErrors(double, "PATCH", `/email_addresses/${id}`, { verified: true });
  assert.deepEqual(await verify(ids[0]), []);
  assert.deepEqual(await verify(ids[1]), ["422 form_identifier_exists email_address"]);
  assert.deepEqual(await sendForErrors(double, "DELETE", `/email_addresses/${ids[0]}`), []);
  assert.deepEqual(await verify(ids[1]), []);
  await double.close();
});

Deno.test("a deleted primary email address is followed by the next verified one, and the last stays", async () => {
  const double = await frozenDouble();
  const { id, email_addresses: [one, two, three] } = await sendForUser(double, "POST", "/users", {
    email_address: ["one@example.com", "two@example.com", "three@example.com"],
    email_address_identification_status: ["verified", "reserved", "verified"],
  });
  const remove = (email: { readonly id: string } | undefined) =>
    sendForErrors(double, "DELETE", `/email_addresses/${email?.id}`);
  const primary = async () =>
    (await sendForUser(double, "GET", `/users/${id}`)).primary_email_address_id;
  assert.deepEqual(await remove(one), []);
  assert.equal(await primary(), three?.id);
  assert.deepEqual(await remove(three), []);
  assert.equal(await primary(), null);
  assert.deepEqual(await remove(two), ["400 identification_deletion_failed"]);
  await sendForUser(double, "PATCH", `/users/${id}`, { username: "ada" });
  assert.deepEqual(await remove(two), []);
  await double.close();
});

Deno.test("updated_at grows with every change even if the clock stands still", async () => {
  const double = await frozenDouble();
  const created = await sendForUser(double, "POST", "/users", {});
  const { id } = created;
  const states = [created];
  for (
    const { method, path, body } of [
      { method: "PATCH", path: `/users/${id}`, body: { first_name: "Ada" } },
      { method: "PATCH", path: `/users/${id}/metadata`, body: { public_metadata: { a: 1 } } },
      { method: "POST", path: `/users/${id}/lock` },
      { method: "POST", path: `/users/${id}/unlock` },
      { method: "POST", path: `/users/${id}/ban` },
      { method: "POST", path: `/users/${id}/unban` },
    ]
  ) {
    states.push(await sendForUser(double, method, path, body));
  }
  assert.deepEqual(
    states.map((state) => state.updated_at - frozenAt),
    states.map((_state, index) => index),
  );
  assert.ok(states.every((state) => state.created_at === frozenAt));
  await double.close();
});

Deno.test("updated_at still grows when the clock is set back", async () => {
  let now = frozenAt;
  const double = await frozenDouble({ now: () => now });
  const { id } = await sendForUser(double, "POST", "/users", {});
  now -= 3_600_000;
  const changed = await sendForUser(double, "PATCH", `/users/${id}`, { first_name: "Ada" });
  assert.equal(changed.updated_at, frozenAt + 1);
  await double.close();
});

Deno.test("an identifier belongs to only one user", async () => {
  const double = await frozenDouble();
  const first = await sendForUser(double, "POST", "/users", {
    email_address: ["one@example.com"],
    phone_number: ["+15555550100"],
    username: "One",
    external_id: "1",
  });
  const second = await sendForUser(double, "POST", "/users", {});
  const cases: [object, string][] = [
    [{ email_address: ["ONE@example.com"] }, "email_address"],
    [{ phone_number: ["+15555550100"] }, "phone_number"],
    [{ username: "one" }, "username"],
    [{ external_id: "1" }, "external_id"],
    [{ email_address: ["two@example.com", "Two@example.com"] }, "email_address"],
  ];
  for (const [body, parameter] of cases) {
    assert.deepEqual(await sendForErrors(double, "POST", "/users", body), [
      `422 form_identifier_exists ${parameter}`,
    ]);
  }
  assert.deepEqual(
    await sendForErrors(double, "PATCH", `/users/${second.id}`, { username: "ONE" }),
    [
      "422 form_identifier_exists username",
    ],
  );
  await sendForUser(double, "PATCH", `/users/${first.id}`, { username: "one" });
  await send(double, "DELETE", `/users/${first.id}`);
  await sendForUser(double, "PATCH", `/users/${second.id}`, { username: "one", external_id: "1" });
  await double.close();
});

Deno.test("metadata is merged at every level, and null removes a key", async () => {
  const double = await frozenDouble();
  const { id } = await sendForUser(double, "POST", "/users", {
    public_metadata: { a: { b: { c: 1, d: 2 } }, list: [1, 2], gone: true },
  });
  const merged = await sendForUser(double, "PATCH", `/users/${id}/metadata`, {
    public_metadata: { a: { b: { c: null, e: { f: null, g: 3 } } }, list: [3], gone: null },
  });
  assert.deepEqual(merged.public_metadata, { a: { b: { d: 2, e: { g: 3 } } }, list: [3] });
  await double.close();
});

Deno.test("times are milliseconds, and RFC 3339 is accepted", async () => {
  const double = await frozenDouble();
  const created = await sendForUser(double, "POST", "/users", {
    created_at: "2020-02-03T04:05:06.789+01:00",
  });
  assert.equal(created.created_at, Date.parse("2020-02-03T03:05:06.789Z"));
  assert.equal(created.updated_at, frozenAt);
  assert.equal(created.last_sign_in_at, null);
  await send(double, "POST", "/sessions", { user_id: created.id });
  const signedIn = await sendForUser(double, "GET", `/users/${created.id}`);
  assert.equal(signedIn.last_sign_in_at, frozenAt);
  assert.equal(signedIn.last_active_at, Date.parse("2024-05-06T00:00:00.000Z"));
  assert.equal(signedIn.updated_at, frozenAt + 1);
  await double.close();
});

Deno.test("a password is never kept", async () => {
  const file = await Deno.makeTempFile({ suffix: ".sqlite" });
  const double = await frozenDouble({ database: file });
  const created = await sendForUser(double, "POST", "/users", { password: "a very long secret" });
  assert.equal(created.password_enabled, true);
  await double.close();
  const stored = new TextDecoder("latin1").decode(await Deno.readFile(file));
  assert.ok(stored.includes(created.id), "The user is not in the file");
  assert.equal(stored.includes("a very long secret"), false);
  await Deno.remove(file);
});

Deno.test("an invalid body is refused with what is wrong in it", async () => {
  const double = await frozenDouble();
  const { id } = await sendForUser(double, "POST", "/users", {});
  const cases: [string, string, unknown, string[]][] = [
    ["POST", "/users", [], ["400 request_body_invalid"]],
    ["POST", "/users", { shoe_size: 44, hat: 1 }, [
      "422 form_param_unknown shoe_size",
      "422 form_param_unknown hat",
    ]],
    ["POST", "/users", { first_name: 1 }, ["422 form_param_type_invalid first_name"]],
    ["POST", "/users", { email_address: ["x"] }, ["422 form_param_format_invalid email_address"]],
    ["POST", "/users", { phone_number: ["1"] }, ["422 form_param_format_invalid phone_number"]],
    ["POST", "/users", { created_at: "now" }, ["422 form_param_invalid_time created_at"]],
    ["POST", "/users", { username: "a b" }, ["422 form_username_invalid_character username"]],
    ["PATCH", `/users/${id}`, { public_metadata: {} }, [
      "422 form_param_unknown public_metadata",
    ]],
    ["POST", "/sessions", {}, ["422 form_param_missing user_id"]],
    ["GET", "/users?limit=0", undefined, ["422 form_param_value_invalid limit"]],
    ["GET", "/users?limit=501", undefined, ["422 form_param_value_too_large limit"]],
    ["GET", "/users?offset=-1", undefined, ["422 form_param_format_invalid offset"]],
    ["GET", "/users?banned=true", undefined, ["422 form_param_unknown banned"]],
    ["GET", "/users?starting_after=user_gone", undefined, [
      "422 form_resource_not_found starting_after",
    ]],
    ["GET", "/nowhere", undefined, ["404 resource_not_found"]],
  ];
  for (const [method, path, body, expected] of cases) {
    assert.deepEqual(await sendForErrors(double, method, path, body), expected, path);
  }
  for (
    const { contentType, body, status } of [
      { contentType: "text/plain", body: "{}", status: 415 },
      { contentType: "application/json", body: "{", status: 400 },
      { contentType: "application/json; charset=utf-8", body: "{}", status: 200 },
    ]
  ) {
    const response = await double.fetch(
      new Request("http://clerk.test/v1/users", {
        method: "POST",
        headers: { "authorization": `Bearer ${secretKey}`, "content-type": contentType },
        body,
      }),
    );
    assert.equal(response.status, status, `${contentType} ${await response.text()}`);
  }
  await double.close();
});

Deno.test("the control API sets what the Backend API says about a user, without events", async () => {
  const double = await makeDouble({
    endpoint: { url: "http://127.0.0.1:9/", paused: true },
  });
  const put = (id: string, body: unknown) =>
    double.fetch(
      new Request(`http://clerk.test/double/users/${id}`, {
        method: "PUT",
        headers: controlHeaders,
        body: JSON.stringify(body),
      }),
    );
  const created = await sendForUser(double, "POST", "/users", { first_name: "Ada" });
  const events = double.messages.list({ limit: 10 }).length;
  for (const id of ["user_raw", created.id]) {
    const dictated = { id, updated_at: 1, "anything": ["else", null] };
    assert.equal((await put(id, dictated)).status, 200);
    assert.deepEqual((await send(double, "GET", `/users/${id}`)).body, dictated);
    assert.equal((await put(id, null)).status, 200);
    assert.deepEqual(await sendForErrors(double, "GET", `/users/${id}`), [
      "404 resource_not_found",
    ]);
  }
  assert.equal((await put("user_raw", ["not", "a", "user"])).status, 400);
  assert.equal(double.messages.list({ limit: 10 }).length, events);
  await double.close();
});
