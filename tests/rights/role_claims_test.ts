/** Which roles a token signed by Clerk can claim, and what the API reveals about itself. */
import assert from "node:assert/strict";
import { z } from "zod";
import { askDouble } from "../../local/clerk/control/client.ts";
import { connect } from "../support/database/connections.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { functions, internalFunctions, policyFunctions, tables } from "./role_matrix.ts";
import { fixtureOf, removeRows, resetRows } from "./fixtures.ts";
import { type Principal, serviceKeyAlone, signed } from "./principals.ts";
import { send } from "./rest.ts";
import { firstUser } from "./tenants.ts";

const sql = await connect();

Deno.test.beforeAll(() => resetRows(sql, "users"));
Deno.test.afterAll(async () => {
  await removeRows(sql, "users");
  await sql.end();
});

const everyRow = `users?clerk_id=in.(${fixtureOf("users").keys.join(",")})&select=clerk_id`;

async function claiming(role: unknown): Promise<Principal> {
  return {
    name: String(role),
    standing: "refused",
    apiKey: runningStack().ANON_KEY,
    token: await signed({ sub: firstUser, role }),
    own: [],
  };
}

Deno.test("a token that claims another database role is refused", async () => {
  const rows = await sql`
    select rolname as role from pg_roles where rolname not in ('anon', 'authenticated', 'service_role')
  `;
  assert.ok(rows.some(({ role }) => role === "postgres"));
  assert.ok(rows.some(({ role }) => role === "authenticator"));
  for (const { role } of rows) {
    const answer = await send(await claiming(role), { method: "GET", path: everyRow });
    assert.equal(answer.summary, "403 42501", String(role));
  }
});

Deno.test("a token that claims an unknown role is refused", async () => {
  const roles = ["", " authenticated", "AUTHENTICATED", 7, null, true, ["service_role"], {
    role: "service_role",
  }, 'anon"; set role service_role; --'];
  for (const role of roles) {
    const answer = await send(await claiming(role), { method: "GET", path: everyRow });
    assert.equal(answer.summary, "400 22023", JSON.stringify(role));
  }
});

// PostgREST, also on the platform, accepts the role in any token that it trusts. So the claims that are
// configured in Clerk decide. SECURITY.md says so.
Deno.test("a token signed by Clerk that claims the service role gets it", async () => {
  const answer = await send(await claiming("service_role"), { method: "GET", path: everyRow });
  assert.equal(answer.summary, "200");
  const rows = z.array(z.unknown()).parse(answer.body);
  assert.equal(rows.length, fixtureOf("users").keys.length);
});

/** A session's token with another role. */
async function sessionClaiming(userId: string, role: unknown): Promise<string> {
  const { id } = await clerk().sessions.createSession({ userId });
  const response = await askDouble(runningStack(), "POST", "tokens", {
    session_id: id,
    claims: { role },
  });
  return z.object({ jwt: z.string() }).parse(await response.json()).jwt;
}

Deno.test("the functions return the caller's own row, whatever role the token claims", async () => {
  const row = z.object({ user: z.object({ clerk_id: z.string() }) });
  const { id } = await signUp();
  await webhooksSettled();
  for (const role of ["service_role", "anon", "postgres", 7, null]) {
    const answer = await callWithToken("users-me", await sessionClaiming(id, role), "GET");
    assert.equal(answer.status, 200, JSON.stringify(role));
    assert.equal(row.parse(answer.body).user.clerk_id, id);
  }
});

Deno.test("the API serves no other schema, in particular not clerk_sync and clerk_auth", async () => {
  const service = serviceKeyAlone();
  const schemas = [
    "clerk_sync",
    "clerk_auth",
    "auth",
    "extensions",
    "pg_catalog",
    "information_schema",
  ];
  for (const schema of schemas) {
    const reading = { method: "GET", path: "users", headers: { "accept-profile": schema } };
    assert.equal((await send(service, reading)).summary, "406 PGRST106", schema);
    for (const signature of [...internalFunctions, ...policyFunctions]) {
      const path = `rpc/${signature.slice(0, signature.indexOf("("))}`;
      const calling = { method: "POST", path, body: {}, headers: { "content-profile": schema } };
      assert.equal((await send(service, calling)).summary, "406 PGRST106", `${schema} ${path}`);
      assert.equal((await send(service, { ...calling, headers: {} })).summary, "404 PGRST202");
    }
  }
});

const description = z.object({ paths: z.record(z.string(), z.unknown()) });

Deno.test("the API's description shows each role only what it may use", async () => {
  const { ANON_KEY, SERVICE_ROLE_KEY } = runningStack();
  const paths = async (principal: Pick<Principal, "apiKey" | "token">) => {
    const answer = await send({ name: "", standing: "anon", own: [], ...principal }, {
      method: "GET",
      path: "",
    });
    return Object.keys(description.parse(answer.body).paths).sort();
  };
  assert.deepEqual(await paths({ apiKey: ANON_KEY }), ["/"]);
  const token = await signed({ sub: firstUser });
  const readable = ["/organization_memberships", "/organizations", "/users"];
  assert.deepEqual(await paths({ apiKey: ANON_KEY, token }), ["/", ...readable]);
  const callable = Object.entries(functions).filter(([, { executable }]) => executable)
    .map(([signature]) => `/rpc/${signature.slice(0, signature.indexOf("("))}`);
  assert.deepEqual(
    await paths({ apiKey: SERVICE_ROLE_KEY }),
    ["/", ...Object.keys(tables).map((table) => `/${table}`), ...callable].sort(),
  );
});

Deno.test("a subject that PostgreSQL cannot store reads nothing", async () => {
  for (const sub of [`${firstUser}\0`, "\ud800"]) {
    const principal = { ...await claiming("authenticated"), token: await signed({ sub }) };
    const answer = await send(principal, { method: "GET", path: everyRow });
    assert.match(answer.summary, /^40[01] /);
  }
});
