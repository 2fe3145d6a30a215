import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { z } from "zod";
import { attemptIn, openBrowser, signInWith } from "./browser_client.ts";
import { startDouble, startReceiver } from "./running_double.ts";

const client = z.object({
  response: z.object({
    sessions: z.array(z.object({ id: z.string() })),
    last_active_session_id: z.string().nullable(),
  }).nullable(),
});
const codeStrategy = "email_code";

Deno.test("a sign-up creates the user once its email address is verified, and sends the event", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({
    endpoint: { url: receiver.url, secrets: [`whsec_${btoa("a secret of the local double")}`] },
  });
  const browser = openBrowser(running.url);
  const begun = await browser.post("/client/sign_ups", {
    email_address: "Mary@Example.com",
    first_name: "Mary",
    unsafe_metadata: '{"invited_by":"ada"}',
    locale: "en-GB",
  });
  assert.match(begun.headers.get("set-cookie") ?? "", /^__client=\w{64};.*HttpOnly/);
  const { id, status } = attemptIn(begun);
  assert.equal(status, "missing_requirements");
  const code = { strategy: codeStrategy, code: "424242" };
  const early = await browser.post(`/client/sign_ups/${id}/attempt_verification`, code);
  assert.equal(early.status, 422, "before a code was asked for");
  await browser.post(`/client/sign_ups/${id}/prepare_verification`, { strategy: codeStrategy });
  const wrong = await browser.post(`/client/sign_ups/${id}/attempt_verification`, {
    strategy: codeStrategy,
    code: "000000",
  });
  assert.equal(wrong.status, 422);
  assert.equal((await running.clerk.users.getUserList()).data.length, 0);

  const done = attemptIn(await browser.post(`/client/sign_ups/${id}/attempt_verification`, code));
  assert.equal(done.status, "complete");
  const { data: [user] } = await running.clerk.users.getUserList();
  assert.equal(user?.primaryEmailAddress?.emailAddress, "mary@example.com");
  assert.equal(user?.firstName, "Mary");
  assert.deepEqual(user?.unsafeMetadata, { invited_by: "ada" });
  const { response } = client.parse((await browser.get("/client")).body);
  assert.equal(response?.last_active_session_id, done.created_session_id);
  await running.double.settled();
  const types = receiver.received.map(({ body }) =>
    z.object({ type: z.string() })
      .parse(JSON.parse(body)).type
  );
  assert.ok(types.includes("user.created"), String(types));

  const taken = await openBrowser(running.url).post("/client/sign_ups", {
    email_address: "mary@example.com",
  });
  assert.equal(taken.status, 422);
  assert.match(JSON.stringify(taken.body), /form_identifier_exists/);
});

Deno.test("a sign-in needs a known address and the code", async () => {
  await using running = await startDouble();
  await running.clerk.users.createUser({ emailAddress: ["ada@example.com"] });
  const browser = openBrowser(running.url);
  const unknown = await browser.post("/client/sign_ins", { identifier: "bob@example.com" });
  assert.equal(unknown.status, 422);
  assert.match(JSON.stringify(unknown.body), /form_identifier_not_found/);
  const begun = attemptIn(
    await browser.post("/client/sign_ins", {
      identifier: "ADA@example.com",
      strategy: codeStrategy,
    }),
  );
  const wrong = await browser.post(`/client/sign_ins/${begun.id}/attempt_first_factor`, {
    strategy: codeStrategy,
    code: "424241",
  });
  assert.match(JSON.stringify(wrong.body), /form_code_incorrect/);
  assert.deepEqual(client.parse((await browser.get("/client")).body).response?.sessions, []);
  const session = await signInWith(browser, "ada@example.com");
  const { response } = client.parse((await browser.get("/client")).body);
  assert.deepEqual(response?.sessions.map(({ id }) => id), [session]);
  assert.equal((await openBrowser(running.url).get("/client")).body.response, null);
});

Deno.test("a browser's tokens name its page, and the organization that its user switches to", async () => {
  await using running = await startDouble();
  const { users, organizations } = running.clerk;
  const ada = await users.createUser({ emailAddress: ["ada@example.com"] });
  const bob = await users.createUser({ emailAddress: ["bob@example.com"] });
  const own = await organizations.createOrganization({ name: "Own", createdBy: ada.id });
  const other = await organizations.createOrganization({ name: "Other", createdBy: bob.id });
  const origin = "http://localhost:4173";
  const browser = openBrowser(running.url, origin);
  const session = await signInWith(browser, "ada@example.com");
  const tokenOf = async (organizationId: string) =>
    decodeJwt(
      z.object({ jwt: z.string() }).parse(
        (await browser.post(`/client/sessions/${session}/tokens`, {
          organization_id: organizationId,
        })).body,
      ).jwt,
    );
  const plain = await tokenOf("");
  assert.equal(plain.azp, origin);
  assert.equal(plain.iss, running.url);
  assert.equal(plain.sub, ada.id);
  assert.equal(plain.sid, session);
  assert.equal(plain.role, "authenticated");
  assert.equal(plain.o, undefined);
  const touch = (id: string) =>
    browser.post(`/client/sessions/${session}/touch`, { active_organization_id: id });
  assert.equal((await touch(own.id)).status, 200);
  assert.deepEqual((await tokenOf(own.id)).o, { id: own.id, slg: own.slug, rol: "admin" });
  assert.equal((await touch(other.id)).status, 404);
  assert.equal((await tokenOf(other.id)).o, undefined, "an organization of others");
});

Deno.test("a browser sees only its own sessions, and nothing private", async () => {
  await using running = await startDouble();
  const { users, organizations } = running.clerk;
  const privateMetadata = { secret: "for servers" };
  const ada = await users.createUser({ emailAddress: ["ada@example.com"], privateMetadata });
  await organizations.createOrganization({ name: "Own", createdBy: ada.id, privateMetadata });
  const browser = openBrowser(running.url);
  const session = await signInWith(browser, "ada@example.com");
  const query = `?_clerk_session_id=${session}`;
  for (const path of ["/client", `/me${query}`, `/me/organization_memberships${query}&limit=10`]) {
    const { status, body } = await browser.get(path);
    assert.equal(status, 200, path);
    assert.match(JSON.stringify(body), /Own/, path);
    assert.doesNotMatch(JSON.stringify(body), /for servers/, path);
  }
  const stranger = openBrowser(running.url);
  assert.equal((await stranger.get(`/me${query}`)).status, 401);
  assert.equal((await stranger.post(`/client/sessions/${session}/tokens`)).status, 401);
});

Deno.test("a sign-out and a ban end the browser's sessions", async () => {
  await using running = await startDouble();
  const { users } = running.clerk;
  await users.createUser({ emailAddress: ["ada@example.com"] });
  const bob = await users.createUser({ emailAddress: ["bob@example.com"] });
  const browser = openBrowser(running.url);
  const ofAda = await signInWith(browser, "ada@example.com");
  const ofBob = await signInWith(browser, "bob@example.com");
  const tokens = async (session: string) =>
    (await browser.post(`/client/sessions/${session}/tokens`)).status;
  assert.deepEqual([await tokens(ofAda), await tokens(ofBob)], [200, 200]);
  await users.banUser(bob.id);
  assert.deepEqual([await tokens(ofAda), await tokens(ofBob)], [200, 401]);
  const { response } = client.parse((await browser.post("/client/sessions?_method=DELETE")).body);
  assert.deepEqual(response?.sessions, []);
  assert.equal(await tokens(ofAda), 401);
});

Deno.test("a page begins with the environment, and with a development key it asks for a browser", async () => {
  await using running = await startDouble();
  const browser = openBrowser(running.url);
  const asked = await browser.post("/environment?_method=PATCH");
  assert.deepEqual(asked.body, (await browser.get("/environment")).body);
  assert.deepEqual(asked.body["organization_settings"], { enabled: true });
  assert.match(String((await browser.post("/dev_browser")).body["id"]), /./);
});

Deno.test("the Frontend API answers pages of this machine only", async () => {
  await using running = await startDouble();
  for (const origin of ["https://evil.example", "http://127.0.0.1.evil.example", "null"]) {
    const { status, headers, body } = await openBrowser(running.url, origin)
      .post("/client/sign_ins", { identifier: "ada@example.com" });
    assert.equal(status, 400, origin);
    assert.match(JSON.stringify(body), /origin_invalid/);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const preflight = await fetch(`${running.url}/__clerk/v1/client/sign_ins`, {
    method: "OPTIONS",
    headers: { origin: "http://localhost:5173", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), "http://localhost:5173");
  assert.equal(preflight.headers.get("access-control-allow-credentials"), "true");
});
