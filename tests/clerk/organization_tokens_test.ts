import { verifyToken } from "@clerk/backend";
import { decodeJwt } from "@clerk/backend/jwt";
import assert from "node:assert/strict";
import { z } from "zod";
import { instanceKey, type RunningDouble, secretKey, startDouble } from "./running_double.ts";

const publishableKey = `pk_test_${btoa("clerk.example.com$")}`;

const session = z.looseObject({
  id: z.string(),
  last_active_organization_id: z.string().nullable(),
});

/** Sends a request that the client's types do not allow. */
async function send({ url }: RunningDouble, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() as unknown };
}

async function signIn(running: RunningDouble, userId: string, organizationId: string) {
  const { body } = await send(running, "POST", "/v1/sessions", {
    user_id: userId,
    active_organization_id: organizationId,
  });
  return session.parse(body);
}

async function memberOfAcme(running: RunningDouble, role: string) {
  const { clerk } = running;
  const { id: userId } = await clerk.users.createUser({});
  const { id: organizationId } = await clerk.organizations.createOrganization({ name: "Acme" });
  await clerk.organizations.createOrganizationMembership({ organizationId, userId, role });
  return { userId, organizationId };
}

/** Reads a token with the real client. */
async function authOf({ clerk }: RunningDouble, jwt: string) {
  const { publicKeyPem } = await instanceKey();
  const state = await clerk.authenticateRequest(
    new Request("http://localhost:3000/", { headers: { authorization: `Bearer ${jwt}` } }),
    { jwtKey: publicKeyPem, publishableKey },
  );
  const auth = state.toAuth();
  assert.ok(auth?.isAuthenticated, `${state.reason} ${state.message}`);
  assert.equal(auth.tokenType, "session_token");
  const { orgId, orgSlug, orgRole, orgPermissions } = auth;
  return { orgId, orgSlug, orgRole, orgPermissions };
}

Deno.test("a session's token names its active organization, slug and role", async () => {
  await using running = await startDouble();
  const { clerk } = running;
  const { userId, organizationId } = await memberOfAcme(running, "org:admin");
  const active = await signIn(running, userId, organizationId);
  assert.equal(active.last_active_organization_id, organizationId);
  const { jwt } = await clerk.sessions.getToken(active.id);
  await verifyToken(jwt, { secretKey, apiUrl: running.url });
  const { payload } = decodeJwt(jwt);
  // Clerk's own permissions are not in tokens, so there is nothing to pack.
  assert.deepEqual(payload.o, { id: organizationId, slg: "acme", rol: "admin" });
  assert.equal("fea" in payload, false);
  assert.deepEqual(await authOf(running, jwt), {
    orgId: organizationId,
    orgSlug: "acme",
    orgRole: "org:admin",
    orgPermissions: [],
  });
});

Deno.test("a token keeps the role and slug of the moment it was issued", async () => {
  await using running = await startDouble();
  const { organizations, sessions } = running.clerk;
  const { userId, organizationId } = await memberOfAcme(running, "org:member");
  const { id } = await signIn(running, userId, organizationId);
  await organizations.updateOrganizationMembership({ organizationId, userId, role: "org:admin" });
  await organizations.updateOrganization(organizationId, { slug: "renamed" });
  const { payload } = decodeJwt((await sessions.getToken(id)).jwt);
  assert.deepEqual(payload.o, { id: organizationId, slg: "renamed", rol: "admin" });
});

for (const end of ["membership", "organization"] as const) {
  Deno.test(`a session has no active organization after the end of the ${end}`, async () => {
    await using running = await startDouble();
    const { organizations, sessions } = running.clerk;
    const { userId, organizationId } = await memberOfAcme(running, "org:member");
    const { id } = await signIn(running, userId, organizationId);
    if (end === "membership") {
      await organizations.deleteOrganizationMembership({ organizationId, userId });
      await organizations.createOrganizationMembership({
        organizationId,
        userId,
        role: "org:member",
      });
    } else {
      await organizations.deleteOrganization(organizationId);
    }
    assert.equal((await sessions.getSession(id)).lastActiveOrganizationId, null);
    const { payload } = decodeJwt((await sessions.getToken(id)).jwt);
    assert.equal("o" in payload, false);
    assert.equal(payload.sub, userId);
  });
}

Deno.test("only members get a session in an organization", async () => {
  await using running = await startDouble();
  const { organizationId } = await memberOfAcme(running, "org:member");
  const { id: strangerId } = await running.clerk.users.createUser({});
  for (const id of [organizationId, "org_unknown"]) {
    const body = { user_id: strangerId, active_organization_id: id };
    const { status, body: answer } = await send(running, "POST", "/v1/sessions", body);
    assert.equal(status, 404);
    assert.match(JSON.stringify(answer), /"code":"organization_not_found_or_unauthorized"/);
    assert.equal((await send(running, "POST", "/double/sessions", body)).status, 409);
  }
  assert.equal((await running.clerk.users.getUser(strangerId)).lastSignInAt, null);
});
