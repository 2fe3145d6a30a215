import assert from "node:assert/strict";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { instanceKey } from "../support/clerk/instance.ts";
import { clerkMembershipJson, clerkOrganizationJson } from "../support/clerk/organization_json.ts";
import type { Sql } from "../support/database/connections.ts";
import { signedIn } from "../support/clerk/requests.ts";
import { sessionToken } from "../support/clerk/session_tokens.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { delivery } from "../support/svix/deliveries.ts";
import type { ScratchApi } from "./scratch_api.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Longer than the columns of tutorials. The ids differ only in case, which counts in Clerk's ids. */
const first = "user_2ZyXwVuTsRqPoNmLkJiHgFeDcBa";
const second = first.toUpperCase().replace("USER", "user");
const address = `Ada.Lovelace+${"x".repeat(80)}@Example.com`;
const person = {
  first_name: "Augusta Ada King, Countess of Lovelace",
  image_url: `https://img.clerk.com/${"x".repeat(300)}`,
  email_addresses: [{
    id: "idn_work",
    object: "email_address",
    email_address: address,
    verification: { status: "verified", strategy: "email_code" },
    linked_to: [],
  }],
};

/** The life of users and organizations, through HTTP. Throws if any of it does not work. */
export async function liveThrough(api: ScratchApi): Promise<void> {
  const say = createSpeaker(api);
  const user = (id: string, parts: Fields = {}) => clerkUserJson({ id, ...person, ...parts });

  assert.equal(await say("user.created", user(first)), "applied");
  assert.equal(await say("user.created", user(first), "again"), "duplicate");
  const changed = user(first, { last_name: "King", updated_at: 1_700_000_650_000 });
  assert.equal(await say("user.updated", changed), "applied");
  // A user at Clerk may have no address.
  const bare = { email_addresses: [], primary_email_address_id: null, username: null };
  assert.equal(
    await say("user.updated", user(first, { ...bare, updated_at: 1_700_000_660_000 })),
    "applied",
  );
  assert.equal(
    await say("user.updated", user(first, { updated_at: 1_700_000_670_000 })),
    "applied",
  );
  assert.equal(await say("user.deleted", { id: first, object: "user", deleted: true }), "applied");
  assert.equal(await say("user.created", user(second)), "applied");
  for (const id of ["org_one", "org_two"]) {
    assert.equal(await say("organization.created", clerkOrganizationJson({ id })), "applied");
  }
  const membership = clerkMembershipJson({
    id: "orgmem_one",
    organization: clerkOrganizationJson({ id: "org_one" }),
    public_user_data: { user_id: second },
  });
  assert.equal(await say("organizationMembership.created", membership), "applied");
  // The user and the organization are not known yet.
  const early = clerkMembershipJson({
    id: "orgmem_early",
    organization: clerkOrganizationJson({ id: "org_later" }),
    public_user_data: { user_id: "user_later" },
  });
  assert.equal(await say("organizationMembership.created", early), "applied");

  const me = await api.usersMe(await signedIn({ claims: { sub: second } }));
  assert.equal(me.status, 200);
  const { user: row, organizations } = await me.json();
  assert.deepEqual(
    { id: row.clerk_id, email: row.email, name: row.first_name },
    { id: second, email: address, name: person.first_name },
  );
  assert.deepEqual(organizations, [
    { clerk_id: "org_one", name: "Analytical Engines", slug: "engines", role: "org:admin" },
  ]);
  const gone = await api.usersMe(await signedIn({ claims: { sub: first } }));
  assert.equal(gone.status, 403);
  await gone.body?.cancel();
}

/** What each caller can see and do with the rows that `liveThrough()` left. */
export async function lookAround(api: ScratchApi): Promise<void> {
  const { ANON_KEY } = runningStack();
  const user = await sessionToken(instanceKey, { claims: { sub: second } });
  const stranger = await sessionToken(instanceKey, { claims: { sub: "user_nobody" } });
  const keys = async (path: string, token: string, init?: RequestInit) => {
    const response = await api.rest(path, token, init);
    const body = await response.json();
    return response.ok ? body.map((row: Fields) => row.clerk_id) : response.status;
  };
  const patch = (body: Fields) => ({ method: "PATCH", body: JSON.stringify(body) });

  for (const table of ["users", "organizations", "organization_memberships"]) {
    assert.equal(await keys(`${table}?select=clerk_id`, ANON_KEY), 401, table);
    assert.deepEqual(await keys(`${table}?select=clerk_id`, stranger), [], table);
    for (const token of [user, stranger]) {
      const unasked = { method: "POST", body: JSON.stringify({ clerk_id: "unasked" }) };
      assert.equal(await keys(`${table}?select=clerk_id`, token, unasked), 403, table);
      const all = `${table}?clerk_id=not.is.null&select=clerk_id`;
      assert.equal(await keys(all, token, { method: "DELETE" }), 403, table);
      assert.equal(await keys(all, token, patch({ is_active: true })), 403, table);
    }
  }
  assert.deepEqual(await keys("users?select=clerk_id", user), [second]);
  assert.deepEqual(await keys("organizations?select=clerk_id", user), ["org_one"]);
  assert.deepEqual(await keys("organization_memberships?select=clerk_id", user), ["orgmem_one"]);
  const everybody = "users?clerk_id=not.is.null&select=clerk_id";
  assert.deepEqual(await keys(everybody, user, patch({ metadata: { theme: "dark" } })), [second]);
  assert.deepEqual(await keys(everybody, stranger, patch({ metadata: {} })), []);
}

/** Calls what only runs and operators call. */
export async function operate(sql: Sql): Promise<void> {
  await sql.begin(async (sql) => {
    await sql`set local role service_role`;
    const facts = sql.json([{ kind: "user", clerk_id: "user_A", clerk_updated_at: "2026-01-01" }]);
    const [written] = await sql`select outcome from public.repair_clerk_facts(${facts})`;
    assert.equal(written?.outcome, "created");
    const differences = await sql`select from public.compare_clerk_facts(${facts})`;
    assert.equal(differences.length, 1);
    const [{ rows } = { rows: 0 }] = await sql`
      select count(*) as rows from public.users
      where id = (select id from public.users where clerk_id = 'user_A')
    `;
    const linking = sql.savepoint((sql) =>
      sql`select public.link_clerk_user(id, 'user_B', 'test') as done from public.users where clerk_id = 'user_A'`
    );
    if (rows > 1) await assert.rejects(linking, /Several users have this id/);
    else assert.deepEqual([...await linking], [{ done: true }]);
    const deletions = sql.json([{
      kind: "user_deleted",
      clerk_id: "user_C",
      deleted_at: "2026-01-01",
    }]);
    await sql`select public.apply_clerk_facts(${deletions})`;
    const [revived] = await sql`
      select public.revive_clerk_user('user_C', 'test') as done, public.clerk_sync_status()
    `;
    assert.equal(revived?.done, true);
    for (const resource of ["user", "organization", "membership"]) {
      await sql`
        select public.measure_clerk_rows(${resource}), public.find_unlisted_clerk_rows(${resource}, '{}'),
          public.find_undated_clerk_rows(${resource})
      `;
    }
  });
}

/** Runs both purges as a scheduled job does. */
export async function purge(api: ScratchApi): Promise<void> {
  const { SERVICE_ROLE_KEY } = runningStack();
  for (const name of ["purge_deleted_users", "purge_clerk_deliveries"]) {
    const response = await api.rest(`rpc/${name}`, SERVICE_ROLE_KEY, {
      method: "POST",
      body: JSON.stringify({ p_older_than: "0 seconds" }),
    });
    const count = await response.json();
    assert.ok(response.ok && count > 0, `${name}: ${JSON.stringify(count)}`);
  }
  const response = await api.rest(
    `users?clerk_id=eq.${first}&select=email,is_active,erased_at`,
    SERVICE_ROLE_KEY,
  );
  const [row] = await response.json();
  assert.equal(row.email, null);
  assert.equal(row.is_active, false);
  assert.notEqual(row.erased_at, null);
}

/** Delivers events as Svix does, and returns their outcomes. */
function createSpeaker({ clerkWebhook }: ScratchApi) {
  let count = 0;
  return async (type: string, data: unknown, note = ""): Promise<unknown> => {
    const request = delivery(clerkEventJson(type, data), { id: `msg_${++count}${note}` });
    const response = await clerkWebhook(request);
    const body = await response.json();
    return body.outcome ?? body;
  };
}
