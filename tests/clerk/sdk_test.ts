import { createClerkClient, type User, verifyToken } from "@clerk/backend";
import { decodeJwt } from "@clerk/backend/jwt";
import assert from "node:assert/strict";
import { z } from "zod";
import { signingSecret } from "../support/svix/deliveries.ts";
import { refusal } from "./refusal.ts";
import {
  control,
  instanceId,
  instanceKey,
  type RunningDouble,
  secretKey,
  startDouble,
} from "./running_double.ts";

Deno.test("the client creates a user and reads them back", async () => {
  await using running = await startDouble();
  const { clerk } = running;
  const before = Date.now();
  const created = await clerk.users.createUser({
    emailAddress: ["Ada@Example.com", "second@example.com"],
    phoneNumber: ["+15555550100"],
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    externalId: "legacy-1",
    password: "correct horse battery",
    publicMetadata: { plan: "pro" },
    privateMetadata: { note: "x" },
    unsafeMetadata: { theme: "dark" },
  });
  assert.match(created.id, /^user_[0-9A-Za-z]{27}$/);
  assert.equal(created.primaryEmailAddress?.emailAddress, "ada@example.com");
  assert.equal(created.primaryEmailAddress?.verification?.status, "verified");
  assert.equal(created.primaryPhoneNumber?.phoneNumber, "+15555550100");
  assert.equal(created.passwordEnabled, true);
  assert.equal(created.fullName, "Ada Lovelace");
  assert.deepEqual(created.publicMetadata, { plan: "pro" });
  assert.ok(created.createdAt >= before && created.createdAt <= Date.now());
  const read = await clerk.users.getUser(created.id);
  assert.deepEqual(read.raw, created.raw);
});

Deno.test("the client reads the instance", async () => {
  await using running = await startDouble();
  assert.equal((await running.clerk.instance.get()).id, instanceId);
});

Deno.test("the client updates, bans, locks and deletes a user", async () => {
  await using running = await startDouble();
  const { users } = running.clerk;
  const { id, emailAddresses } = await users.createUser({
    emailAddress: ["one@example.com", "two@example.com"],
  });
  const second = emailAddresses.at(1)?.id;
  const updated = await users.updateUser(id, { firstName: "Grace", primaryEmailAddressID: second });
  assert.equal(updated.firstName, "Grace");
  assert.equal(updated.primaryEmailAddressId, second);
  const given = await users.updateUserMetadata(id, { publicMetadata: { rank: "admiral" } });
  assert.deepEqual(given.publicMetadata, { rank: "admiral" });
  const merged = await users.updateUserMetadata(id, { publicMetadata: { ship: { name: "A" } } });
  assert.deepEqual(merged.publicMetadata, { rank: "admiral", ship: { name: "A" } });
  assert.equal((await users.banUser(id)).banned, true);
  assert.equal((await users.unbanUser(id)).banned, false);
  assert.equal((await users.lockUser(id)).locked, true);
  assert.equal((await users.unlockUser(id)).locked, false);
  const deleted = await users.deleteUser(id);
  assert.equal(deleted.id, id);
  assert.equal("deleted" in deleted && deleted.deleted, true);
  assert.deepEqual(await refusal(users.getUser(id)), {
    status: 404,
    codes: ["resource_not_found"],
  });
  assert.equal(await users.getCount(), 0);
});

Deno.test("the client adds, verifies, reads and removes a user's email address", async () => {
  await using running = await startDouble({
    endpoint: { url: "http://127.0.0.1:9/", secrets: [signingSecret], paused: true },
  });
  const { clerk: { users, emailAddresses }, double } = running;
  const { id: userId } = await users.createUser({ emailAddress: ["ada@example.com"] });
  const emailAddress = "augusta@example.com";
  const added = await emailAddresses.createEmailAddress({ userId, emailAddress });
  assert.equal(added.emailAddress, emailAddress);
  assert.equal(added.verification, null);
  const changed = await emailAddresses.updateEmailAddress(added.id, {
    verified: true,
    primary: true,
  });
  assert.equal(changed.verification?.status, "verified");
  assert.deepEqual(await emailAddresses.getEmailAddress(added.id), changed);
  assert.equal((await users.getUser(userId)).primaryEmailAddress?.emailAddress, emailAddress);
  const removed = await emailAddresses.deleteEmailAddress(added.id);
  assert.equal("deleted" in removed && removed.deleted, true);
  assert.equal((await users.getUser(userId)).primaryEmailAddress?.emailAddress, "ada@example.com");
  assert.deepEqual(await refusal(emailAddresses.getEmailAddress(added.id)), {
    status: 404,
    codes: ["resource_not_found"],
  });
  assert.deepEqual(
    double.messages.list({ limit: 10 }).map(({ type }) => type),
    ["user.updated", "user.updated", "user.updated", "user.created"],
  );
});

Deno.test("the client understands the double's errors", async () => {
  await using running = await startDouble();
  const { clerk, url } = running;
  await clerk.users.createUser({ emailAddress: ["taken@example.com"], username: "taken" });
  // Requested one after the other: a rejection that is not awaited yet would be unhandled.
  const cases: [() => Promise<unknown>, number, string[]][] = [
    [() => clerk.users.getUser("user_unknown"), 404, ["resource_not_found"]],
    [() => clerk.users.createUser({ emailAddress: ["taken@example.com"] }), 422, [
      "form_identifier_exists",
    ]],
    [() => clerk.users.createUser({ emailAddress: ["no address"], password: "short" }), 422, [
      "form_param_format_invalid",
    ]],
    [() => clerk.users.createUser({ password: "short" }), 422, ["form_password_length_too_short"]],
    [() => clerk.sessions.createSession({ userId: "user_unknown" }), 404, ["resource_not_found"]],
    [() => clerk.sessions.getToken("sess_unknown"), 404, ["resource_not_found"]],
    [() => clerk.organizations.getOrganization({ organizationId: "org_x" }), 404, [
      "resource_not_found",
    ]],
    [
      () => createClerkClient({ secretKey: "sk_test_wrong", apiUrl: url }).users.getUser("user_1"),
      401,
      ["clerk_key_invalid"],
    ],
  ];
  for (const [request, status, codes] of cases) {
    assert.deepEqual(await refusal(request()), { status, codes });
  }
  const keyless = await fetch(`${url}/v1/users`);
  const body = z.object({ errors: z.array(z.looseObject({ code: z.string() })) })
    .parse(await keyless.json());
  assert.equal(keyless.status, 401);
  assert.equal(body.errors.at(0)?.code, "authorization_header_format_invalid");
});

Deno.test("a session token passes verifyToken() with the key set and with the PEM", async () => {
  await using running = await startDouble();
  const { clerk, url } = running;
  const { id: userId } = await clerk.users.createUser({ emailAddress: ["ada@example.com"] });
  const session = await clerk.sessions.createSession({ userId });
  assert.equal(session.status, "active");
  const { jwt } = await clerk.sessions.getToken(session.id);
  const { publicKeyPem, publicJwk } = await instanceKey();
  const remote = await verifyToken(jwt, { secretKey, apiUrl: url });
  const networkless = await verifyToken(jwt, {
    jwtKey: publicKeyPem,
    authorizedParties: ["http://localhost:3000"],
  });
  assert.deepEqual(remote, networkless);

  const { header, payload } = decodeJwt(jwt);
  assert.deepEqual(header, {
    alg: "RS256",
    cat: "cl_B7d4PD111AAA",
    typ: "JWT",
    kid: publicJwk.kid,
  });
  const { jti, iat, nbf, exp, ...claims } = z.looseObject({
    jti: z.string().min(16),
    iat: z.int(),
    nbf: z.int(),
    exp: z.int(),
  }).parse(payload);
  assert.ok(jti);
  assert.equal(exp - iat, 60);
  assert.equal(iat - nbf, 10);
  assert.deepEqual(claims, {
    azp: "http://localhost:3000",
    fva: [0, -1],
    iss: url,
    role: "authenticated",
    sid: session.id,
    sts: "active",
    sub: userId,
    v: 2,
  });
});

Deno.test("a session token lasts as long as asked, and no new one is issued after the session", async () => {
  await using running = await startDouble({ origin: null });
  const { clerk } = running;
  const { id: userId } = await clerk.users.createUser({});
  const session = await clerk.sessions.createSession({ userId });
  const { jwt } = await clerk.sessions.getToken(session.id, undefined, 600);
  const { payload } = decodeJwt(jwt);
  assert.equal(payload.exp - payload.iat, 600);
  assert.equal("azp" in payload, false);
  assert.deepEqual(await refusal(clerk.sessions.getToken(session.id, undefined, 29)), {
    status: 422,
    codes: ["form_param_value_invalid"],
  });
  await clerk.users.deleteUser(userId);
  assert.equal((await clerk.sessions.getSession(session.id)).status, "ended");
  assert.deepEqual(await refusal(clerk.sessions.getToken(session.id)), {
    status: 404,
    codes: ["resource_not_found"],
  });
});

Deno.test("the control API signs tokens with any given claims and header", async () => {
  await using running = await startDouble();
  const { clerk, url } = running;
  const sign = async (body: unknown) => {
    const response = await control(url, "POST", "tokens", body);
    return decodeJwt(z.object({ jwt: z.string() }).parse(await response.json()).jwt);
  };
  const { id: userId } = await clerk.users.createUser({});
  const session = { user_id: userId, status: "pending" };
  const created = await control(url, "POST", "sessions", session);
  const { id: sessionId } = z.looseObject({ id: z.string() }).parse(await created.json());
  const usual = decodeJwt((await clerk.sessions.getToken(sessionId)).jwt);
  assert.equal(usual.payload.sts, "pending");
  const changed = await sign({
    session_id: sessionId,
    claims: { exp: 4_102_444_800 },
    header: { cat: "cl_B7d4PD222AAA" },
  });
  assert.deepEqual(changed.header, { ...usual.header, cat: "cl_B7d4PD222AAA" });
  const { jti: _jti, iat: _iat, nbf: _nbf, exp, ...claims } = z.looseObject({}).parse(
    changed.payload,
  );
  assert.equal(exp, 4_102_444_800);
  assert.deepEqual(
    { ...usual.payload, jti: 0, iat: 0, nbf: 0, exp: 0 },
    { ...claims, jti: 0, iat: 0, nbf: 0, exp: 0 },
  );
  assert.deepEqual((await sign({ claims: { sub: userId } })).payload, { sub: userId });
  const missing = await control(url, "POST", "tokens", { session_id: "sess_unknown" });
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
});

const userCount = 57;
const pageSize = 10;

async function addUsers({ clerk }: RunningDouble, count: number, name: string): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const user = await clerk.users.createUser({ emailAddress: [`${name}-${number}@example.com`] });
    ids.push(user.id);
  }
  return ids;
}

type Walk = (
  list: RunningDouble["clerk"]["users"]["getUserList"],
  seen: readonly User[],
) => Promise<User[]>;

const walks: { name: string; walk: Walk }[] = [
  {
    name: "offset, oldest first",
    walk: async (list, seen) => {
      const { data } = await list({ limit: pageSize, offset: seen.length, orderBy: "+created_at" });
      return data;
    },
  },
  ...(["+created_at", "-created_at"] as const).map((orderBy) => ({
    name: `starting_after, ${orderBy}`,
    walk: async (
      list: RunningDouble["clerk"]["users"]["getUserList"],
      seen: readonly User[],
    ) => {
      // The client's types do not have it, but it is passed on.
      const cursor = { startingAfter: seen.at(-1)?.id };
      const { data } = await list({ limit: pageSize, orderBy, ...cursor });
      return data;
    },
  })),
];

for (const { name, walk } of walks) {
  Deno.test(`paging returns every user exactly once while others sign up: ${name}`, async () => {
    await using running = await startDouble();
    const { clerk } = running;
    const list = clerk.users.getUserList.bind(clerk.users);
    const ids = await addUsers(running, userCount, "before");
    const seen: User[] = [];
    for (let page = 0;; page++) {
      const users = await walk(list, seen);
      seen.push(...users);
      if (users.length < pageSize) break;
      await addUsers(running, 1, `meanwhile-${page}`);
    }
    const seenIds = seen.map(({ id }) => id);
    assert.equal(new Set(seenIds).size, seenIds.length, "A user was returned twice");
    assert.deepEqual(ids.filter((id) => !seenIds.includes(id)), []);
  });
}

Deno.test("the client lists and counts users by filter", async () => {
  // No two changes in the same millisecond: their order would be open.
  let clock = Date.now();
  await using running = await startDouble({ now: () => clock++ });
  const { users, sessions } = running.clerk;
  const ada = await users.createUser({
    emailAddress: ["ada@example.com"],
    firstName: "Ada",
    username: "Ada_1",
    externalId: "a",
    createdAt: new Date("2020-01-01T00:00:00.000Z"),
  });
  const bob = await users.createUser({
    emailAddress: ["bob@example.org"],
    firstName: "Bob",
    externalId: "b",
    phoneNumber: ["+15555550100"],
    banned: true,
  });
  await sessions.createSession({ userId: ada.id });
  const year = Date.parse("2021-01-01T00:00:00.000Z");
  const cases: [Parameters<typeof users.getUserList>[0], User[]][] = [
    [{}, [bob, ada]],
    [{ orderBy: "created_at" }, [ada, bob]],
    [{ orderBy: "-updated_at" }, [ada, bob]],
    [{ orderBy: "+updated_at" }, [bob, ada]],
    [{ userId: [ada.id] }, [ada]],
    [{ userId: [ada.id, bob.id, "user_unknown"] }, [bob, ada]],
    [{ userId: ["user_unknown"] }, []],
    [{ username: ["ada_1", "nobody"] }, [ada]],
    [{ createdAtAfter: year }, [bob]],
    [{ createdAtBefore: year }, [ada]],
    [{ createdAtAfter: year, userId: [ada.id] }, []],
    [{ limit: 1 }, [bob]],
    [{ limit: 1, offset: 1 }, [ada]],
  ];
  for (const [params = {}, expected] of cases) {
    const { data, totalCount } = await users.getUserList(params);
    const what = JSON.stringify(params);
    assert.deepEqual(data.map(({ id }) => id), expected.map(({ id }) => id), what);
    const { limit: _limit, offset: _offset, orderBy: _orderBy, ...filters } = params;
    assert.equal(totalCount, params.limit === undefined ? expected.length : 2, what);
    assert.equal(await users.getCount(filters), totalCount, what);
  }
});

Deno.test("a filter that the double does not have is refused, since ignoring it would show too much", async () => {
  await using running = await startDouble();
  const { users, organizations } = running.clerk;
  const { id: organizationId } = await organizations.createOrganization({ name: "Acme" });
  const requests: (() => Promise<unknown>)[] = [
    () => users.getUserList({ emailAddress: ["ada@example.com"] }),
    () => users.getCount({ query: "ada" }),
    () => organizations.getOrganizationMembershipList({ organizationId, role: ["org:admin"] }),
  ];
  for (const request of requests) {
    assert.deepEqual(await refusal(request()), { status: 422, codes: ["form_param_unknown"] });
  }
});

Deno.test("a filter takes a hundred values and no more", async () => {
  await using running = await startDouble();
  const { users } = running.clerk;
  const { id } = await users.createUser({});
  const others = Array.from({ length: 99 }, (_, number) => `user_${number}`);
  const { data } = await users.getUserList({ userId: [...others, id] });
  assert.deepEqual(data.map((user) => user.id), [id]);
  assert.deepEqual(await refusal(users.getUserList({ userId: [...others, "user_99", id] })), {
    status: 422,
    codes: ["form_param_array_size_exceeded"],
  });
});

Deno.test("a banned user has no sessions and gets none", async () => {
  await using running = await startDouble();
  const { users, sessions } = running.clerk;
  const { id: userId } = await users.createUser({});
  const session = await sessions.createSession({ userId });
  await users.banUser(userId);
  assert.equal((await sessions.getSession(session.id)).status, "revoked");
  assert.deepEqual(await refusal(sessions.getToken(session.id)), {
    status: 404,
    codes: ["resource_not_found"],
  });
  assert.deepEqual(await refusal(sessions.createSession({ userId })), {
    status: 403,
    codes: ["user_banned"],
  });
});

Deno.test("a revoked session gets no more tokens", async () => {
  await using running = await startDouble();
  const { users, sessions } = running.clerk;
  const { id: userId } = await users.createUser({});
  const session = await sessions.createSession({ userId });
  const other = await sessions.createSession({ userId });
  assert.equal((await sessions.revokeSession(session.id)).status, "revoked");
  assert.equal((await sessions.getSession(session.id)).status, "revoked");
  assert.equal((await refusal(sessions.getToken(session.id))).status, 404);
  assert.ok((await sessions.getToken(other.id)).jwt);
});

Deno.test("a user's image names the instance and the user", async () => {
  await using running = await startDouble();
  const { imageUrl, id, hasImage } = await running.clerk.users.createUser({ firstName: "Ada" });
  const encoded = imageUrl.slice(imageUrl.lastIndexOf("/") + 1);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(encoded))), {
    type: "default",
    iid: instanceId,
    rid: id,
    initials: "A",
  });
  assert.equal(hasImage, false);
});
