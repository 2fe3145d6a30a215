/** Which organizations and memberships each caller can read. */
import assert from "node:assert/strict";
import { z } from "zod";
import { connect } from "../support/database/connections.ts";
import { removeEveryRow, resetEveryRow } from "./fixtures.ts";
import { type Principal, principals, serviceKeyAlone, type Standing } from "./principals.ts";
import { send } from "./rest.ts";
import {
  activeIn,
  memberships,
  neighbour,
  organizations,
  otherOrganization,
  sharedOrganization,
} from "./tenants.ts";

const sql = await connect();

Deno.test.beforeAll(() => resetEveryRow(sql));
Deno.test.afterAll(async () => {
  await removeEveryRow(sql);
  await sql.end();
});

const rows = z.array(z.looseObject({ clerk_id: z.string() }));

/** All columns of all rows that the caller can read at this path. */
async function read(principal: Principal, path: string) {
  const answer = await send(principal, { method: "GET", path: `${path}&order=clerk_id` });
  return answer.summary === "200" ? rows.parse(answer.body) : answer.summary;
}

async function everybody(...standings: Standing[]): Promise<Principal[]> {
  const found = (await principals()).filter(({ standing }) => standings.includes(standing));
  assert.ok(standings.every((one) => found.some(({ standing }) => standing === one)));
  return found;
}

/** Paths that leave out the rows of other tests. */
const everything = {
  organizations: `organizations?clerk_id=in.(${organizations.join(",")})`,
  organization_memberships: `organization_memberships?clerk_id=in.(${
    memberships.map(({ clerkId }) => clerkId).join(",")
  })`,
};

Deno.test("a member can read only their organization and its active memberships", async () => {
  const readByService = async (path: string) => rows.parse(await read(serviceKeyAlone(), path));
  const allOrganizations = await readByService(everything.organizations);
  const allMemberships = await readByService(everything.organization_memberships);
  assert.equal(allOrganizations.length, organizations.length);
  assert.equal(allMemberships.length, memberships.length);
  const tenants = { owner: sharedOrganization, neighbour: otherOrganization } as const;
  for (const principal of await everybody("owner", "neighbour")) {
    const tenant = tenants[principal.own.includes(neighbour) ? "neighbour" : "owner"];
    assert.deepEqual(
      await read(principal, "organizations?"),
      allOrganizations.filter((row) => row.clerk_id === tenant),
      principal.name,
    );
    const active = activeIn(tenant);
    assert.deepEqual(
      await read(principal, "organization_memberships?"),
      allMemberships.filter((row) => active.includes(row.clerk_id)),
      principal.name,
    );
  }
});

Deno.test("an outsider cannot read anything of an organization, even by its id", async () => {
  const paths = [
    ...["organizations?", "organization_memberships?"],
    ...Object.values(everything),
    `organization_memberships?organization_clerk_id=eq.${sharedOrganization}`,
    `organizations?or=(clerk_id.eq.${sharedOrganization},is_active.is.true)`,
  ];
  const others = await everybody("outsider", "nobody");
  assert.ok(others.length > 15);
  for (const principal of others) {
    for (const path of paths) {
      const found = await read(principal, path);
      assert.deepEqual(found, [], `${principal.name}: ${path}`);
    }
  }
});

Deno.test("a member whose membership ends loses the organization at once, even with a valid token", async () => {
  const [member] = await everybody("owner");
  assert.ok(member);
  assert.equal((await read(member, "organizations?")).length, 1);
  await sql`
    update public.organization_memberships set is_active = false, deleted_at = now()
    where clerk_id = any(${[...member.own]})
  `;
  try {
    assert.deepEqual(await read(member, "organizations?"), []);
    assert.deepEqual(await read(member, "organization_memberships?"), []);
    assert.equal((await read(member, "users?")).length, 1, "users still read their own row");
  } finally {
    await resetEveryRow(sql);
  }
});
