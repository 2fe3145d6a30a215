import type { Organization, OrganizationMembership, User } from "@clerk/backend";
import assert from "node:assert/strict";
import { refusal } from "./refusal.ts";
import { control, type RunningDouble, secretKey, startDouble } from "./running_double.ts";

const adminRole = "org:admin";
const memberRole = "org:member";

async function addUser({ clerk }: RunningDouble, name: string): Promise<User> {
  return await clerk.users.createUser({
    firstName: name,
    username: name.toLowerCase(),
    emailAddress: [`${name.toLowerCase()}@example.com`],
  });
}

async function addMember(
  { clerk }: RunningDouble,
  organization: Organization,
  user: User,
  role = memberRole,
): Promise<OrganizationMembership> {
  return await clerk.organizations.createOrganizationMembership({
    organizationId: organization.id,
    userId: user.id,
    role,
  });
}

Deno.test("the client creates an organization and reads it back by id and by slug", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const ada = await addUser(running, "Ada");
  const created = await organizations.createOrganization({
    name: "Ácme & Söhne",
    createdBy: ada.id,
    publicMetadata: { plan: "pro" },
    privateMetadata: { note: "x" },
  });
  assert.match(created.id, /^org_[0-9A-Za-z]{27}$/);
  assert.equal(created.slug, "acme-sohne");
  assert.equal(created.createdBy, ada.id);
  assert.equal(created.membersCount, 1);
  assert.deepEqual(created.publicMetadata, { plan: "pro" });
  assert.deepEqual(created.privateMetadata, { note: "x" });
  assert.ok(Math.abs(Date.now() - created.createdAt) < 60_000, "not in milliseconds");
  const byId = await organizations.getOrganization({
    organizationId: created.id,
    includeMembersCount: true,
  });
  assert.deepEqual(byId.raw, created.raw);
  const bySlug = await organizations.getOrganization({ slug: "acme-sohne" });
  assert.equal(bySlug.id, created.id);
  assert.equal(bySlug.membersCount, undefined);
});

Deno.test("the client changes, describes and deletes an organization", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const created = await organizations.createOrganization({ name: "Acme", slug: "acme" });
  const { id } = created;
  const renamed = await organizations.updateOrganization(id, { name: "Acme 2", slug: "acme-2" });
  assert.deepEqual([renamed.name, renamed.slug], ["Acme 2", "acme-2"]);
  assert.ok(renamed.updatedAt > created.updatedAt);
  await organizations.updateOrganizationMetadata(id, { publicMetadata: { a: { b: 1, c: 2 } } });
  const merged = await organizations.updateOrganizationMetadata(id, {
    publicMetadata: { a: { b: null } },
    privateMetadata: { note: "x" },
  });
  assert.deepEqual(merged.publicMetadata, { a: { c: 2 } });
  assert.deepEqual(merged.privateMetadata, { note: "x" });
  await organizations.deleteOrganization(id);
  assert.deepEqual(await refusal(organizations.getOrganization({ organizationId: id })), {
    status: 404,
    codes: ["resource_not_found"],
  });
});

Deno.test("no two organizations share a slug, and a freed slug can be taken", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const first = await organizations.createOrganization({ name: "Acme" });
  const second = await organizations.createOrganization({ name: "Acme" });
  const third = await organizations.createOrganization({ name: "Acme" });
  assert.equal(first.slug, "acme");
  assert.match(second.slug, /^acme-\d+$/);
  assert.equal(new Set([first.slug, second.slug, third.slug]).size, 3);
  const taken = { status: 422, codes: ["form_identifier_exists"] };
  assert.deepEqual(
    await refusal(organizations.createOrganization({ name: "B", slug: "acme" })),
    taken,
  );
  assert.deepEqual(
    await refusal(organizations.updateOrganization(second.id, { slug: "acme" })),
    taken,
  );
  await organizations.updateOrganization(first.id, { slug: "acme" });
  await organizations.deleteOrganization(first.id);
  assert.equal(
    (await organizations.updateOrganization(second.id, { slug: "acme" })).slug,
    "acme",
  );
});

Deno.test("an organization's creator becomes its first member, as admin", async () => {
  await using running = await startDouble();
  const ada = await addUser(running, "Ada");
  const { organizations } = running.clerk;
  const { id: organizationId } = await organizations.createOrganization({
    name: "Acme",
    createdBy: ada.id,
  });
  const { data, totalCount } = await organizations.getOrganizationMembershipList({
    organizationId,
  });
  assert.equal(totalCount, 1);
  const [membership] = data;
  assert.equal(membership?.role, adminRole);
  assert.equal(membership.publicUserData?.userId, ada.id);
  assert.equal(membership.publicUserData.identifier, "ada@example.com");
  assert.equal(membership.organization.id, organizationId);
});

Deno.test("a member has a role with Clerk's permissions, and the role can change", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const ada = await addUser(running, "Ada");
  const acme = await organizations.createOrganization({ name: "Acme" });
  const member = await addMember(running, acme, ada);
  assert.match(member.id, /^orgmem_[0-9A-Za-z]{27}$/);
  assert.deepEqual(member.permissions, ["org:sys_memberships:read", "org:sys_billing:read"]);
  assert.equal(member.organization.membersCount, 1);
  const key = { organizationId: acme.id, userId: ada.id };
  const admin = await organizations.updateOrganizationMembership({ ...key, role: adminRole });
  assert.equal(admin.id, member.id);
  assert.ok(admin.updatedAt > member.updatedAt);
  assert.deepEqual(admin.permissions, [
    "org:sys_profile:manage",
    "org:sys_profile:delete",
    "org:sys_memberships:read",
    "org:sys_memberships:manage",
    "org:sys_domains:read",
    "org:sys_domains:manage",
    "org:sys_billing:read",
    "org:sys_billing:manage",
  ]);
  const described = await organizations.updateOrganizationMembershipMetadata({
    ...key,
    publicMetadata: { desk: 4, gone: null },
  });
  assert.deepEqual(described.publicMetadata, { desk: 4 });
  assert.equal(described.role, adminRole);
});

Deno.test("a member who was removed and is added again gets a new membership", async () => {
  await using running = await startDouble();
  const { organizations, users } = running.clerk;
  const ada = await addUser(running, "Ada");
  const acme = await organizations.createOrganization({ name: "Acme" });
  const key = { organizationId: acme.id, userId: ada.id };
  const first = await addMember(running, acme, ada, adminRole);
  const removed = await organizations.deleteOrganizationMembership(key);
  assert.equal(removed.id, first.id);
  assert.equal(removed.organization.membersCount, 0);
  assert.equal((await users.getOrganizationMembershipList({ userId: ada.id })).totalCount, 0);
  const second = await addMember(running, acme, ada);
  assert.notEqual(second.id, first.id);
  const { data } = await users.getOrganizationMembershipList({ userId: ada.id });
  assert.deepEqual(data.map(({ id }) => id), [second.id]);
});

Deno.test("memberships end with their organization and with their user", async () => {
  await using running = await startDouble();
  const { organizations, users } = running.clerk;
  const [ada, bob] = [await addUser(running, "Ada"), await addUser(running, "Bob")];
  const acme = await organizations.createOrganization({ name: "Acme", createdBy: ada.id });
  const other = await organizations.createOrganization({ name: "Other", createdBy: ada.id });
  await addMember(running, acme, bob);
  await addMember(running, other, bob);
  const members = async () => {
    const { data } = await organizations.getInstanceOrganizationMembershipList({});
    return data.map(({ organization, publicUserData }) =>
      `${organization.name} ${publicUserData?.firstName}`
    ).sort();
  };
  assert.deepEqual(await members(), ["Acme Ada", "Acme Bob", "Other Ada", "Other Bob"]);
  await organizations.deleteOrganization(acme.id);
  assert.deepEqual(await members(), ["Other Ada", "Other Bob"]);
  await users.deleteUser(ada.id);
  assert.deepEqual(await members(), ["Other Bob"]);
  // The control API can remove a user without an event.
  const response = await control(running.url, "PUT", `users/${bob.id}`, null);
  await response.body?.cancel();
  assert.deepEqual(await members(), []);
  const { createdBy, membersCount } = await organizations.getOrganization({
    organizationId: other.id,
    includeMembersCount: true,
  });
  assert.deepEqual({ createdBy, membersCount }, { createdBy: ada.id, membersCount: 0 });
});

Deno.test("the client understands the errors of organizations and memberships", async () => {
  await using running = await startDouble();
  const { organizations, users } = running.clerk;
  const [ada, bob] = [await addUser(running, "Ada"), await addUser(running, "Bob")];
  const acme = await organizations.createOrganization({
    name: "Acme",
    createdBy: ada.id,
  });
  const unknown = { organizationId: "org_unknown", userId: ada.id };
  const stranger = { organizationId: acme.id, userId: bob.id };
  // Requested one after the other: a rejection that is not awaited yet would be unhandled.
  const cases: [() => Promise<unknown>, number, string][] = [
    [() => organizations.createOrganization({ name: "" }), 422, "form_param_value_invalid"],
    [
      () => organizations.createOrganization({ name: "B", createdBy: "user_unknown" }),
      400,
      "organization_creator_not_found",
    ],
    [
      () => organizations.createOrganization({ name: "B", slug: "No Slug" }),
      422,
      "form_param_format_invalid",
    ],
    [
      () => organizations.updateOrganization("org_unknown", { name: "B" }),
      404,
      "resource_not_found",
    ],
    [() => organizations.deleteOrganization("org_unknown"), 404, "resource_not_found"],
    [
      () => organizations.createOrganizationMembership({ ...unknown, role: memberRole }),
      404,
      "resource_not_found",
    ],
    [() => addMember(running, acme, ada), 400, "already_a_member_in_organization"],
    [() => addMember(running, acme, bob, "org:cat"), 404, "resource_not_found"],
    [
      () =>
        organizations.createOrganizationMembership({
          organizationId: acme.id,
          userId: "user_unknown",
          role: memberRole,
        }),
      404,
      "resource_not_found",
    ],
    [
      () => organizations.updateOrganizationMembership({ ...stranger, role: adminRole }),
      404,
      "resource_not_found",
    ],
    [() => organizations.deleteOrganizationMembership(stranger), 404, "resource_not_found"],
    [
      () => organizations.getOrganizationMembershipList({ organizationId: "org_x" }),
      404,
      "resource_not_found",
    ],
    [
      () => users.getOrganizationMembershipList({ userId: "user_unknown" }),
      404,
      "resource_not_found",
    ],
  ];
  for (const [request, status, code] of cases) {
    assert.deepEqual(await refusal(request()), { status, codes: [code] });
  }
  assert.equal((await organizations.getOrganizationList()).totalCount, 1);
});

Deno.test("the client lists organizations by filter and order", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const [ada, bob] = [await addUser(running, "Ada"), await addUser(running, "Bob")];
  const one = await organizations.createOrganization({ name: "Zebra", createdBy: ada.id });
  const two = await organizations.createOrganization({ name: "Acme", createdBy: ada.id });
  const three = await organizations.createOrganization({ name: "100% Wool", slug: "sheep" });
  await addMember(running, two, bob);
  const old = async (id: string, year: number) => {
    const response = await fetch(`${running.url}/v1/organizations/${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
      body: JSON.stringify({ created_at: `${year}-01-01T00:00:00.000Z` }),
    });
    assert.equal(response.status, 200);
    await response.body?.cancel();
  };
  await old(one.id, 2021);
  await old(two.id, 2022);
  await old(three.id, 2023);
  const cases: [Parameters<typeof organizations.getOrganizationList>[0], Organization[]][] = [
    [{}, [three, two, one]],
    [{ orderBy: "+created_at" }, [one, two, three]],
    [{ query: "ACM" }, [two]],
    [{ query: "shee" }, [three]],
    [{ query: "%" }, [three]],
    [{ query: one.id }, [one]],
    [{ query: one.id.slice(0, -1) }, []],
    [{ organizationId: [one.id, "org_unknown"] }, [one]],
    [{ limit: 1, offset: 1 }, [two]],
  ];
  for (const [params, expected] of cases) {
    const { data, totalCount } = await organizations.getOrganizationList(params);
    const what = JSON.stringify(params);
    assert.deepEqual(data.map(({ id }) => id), expected.map(({ id }) => id), what);
    assert.equal(totalCount, params?.limit === undefined ? expected.length : 3, what);
  }
  const { data } = await organizations.getOrganizationList({ includeMembersCount: true });
  assert.deepEqual(data.map(({ membersCount }) => membersCount), [0, 2, 1]);
});

Deno.test("the client lists the members of an organization by filter and order", async () => {
  let now = Date.now();
  await using running = await startDouble({ now: () => now });
  const { organizations, users } = running.clerk;
  const acme = await organizations.createOrganization({ name: "Acme" });
  const other = await organizations.createOrganization({ name: "Other" });
  const [cid, ada, bob] = [
    await addUser(running, "Cid"),
    await addUser(running, "Ada"),
    await addUser(running, "Bob"),
  ];
  await addMember(running, acme, cid);
  now++;
  await addMember(running, acme, ada);
  now++;
  await addMember(running, acme, bob);
  await addMember(running, other, bob);
  const list = organizations.getOrganizationMembershipList.bind(organizations);
  const cases: [Omit<Parameters<typeof list>[0], "organizationId">, User[]][] = [
    [{}, [bob, ada, cid]],
    [{ orderBy: "+created_at" }, [cid, ada, bob]],
    [{ userId: [bob.id, "user_unknown"] }, [bob]],
    [{ orderBy: "+created_at", limit: 1, offset: 1 }, [ada]],
  ];
  for (const [params, expected] of cases) {
    const { data, totalCount } = await list({ organizationId: acme.id, ...params });
    const what = JSON.stringify(params);
    const found = data.map(({ publicUserData }) => publicUserData?.userId);
    assert.deepEqual(found, expected.map(({ id }) => id), what);
    assert.equal(totalCount, params.limit === undefined ? expected.length : 3, what);
  }
  const ofBob = await users.getOrganizationMembershipList({ userId: bob.id, limit: 1 });
  assert.equal(ofBob.totalCount, 2);
  assert.equal(ofBob.data.length, 1);
});

Deno.test("paging by creation time returns every membership of the instance exactly once", async () => {
  await using running = await startDouble();
  const { organizations } = running.clerk;
  const ids: string[] = [];
  for (let number = 0; number < 12; number++) {
    const user = await addUser(running, `User${number}`);
    const acme = await organizations.createOrganization({ name: `Acme ${number % 3}` });
    ids.push((await addMember(running, acme, user)).id);
  }
  const seen: string[] = [];
  for (;;) {
    const { data, totalCount } = await organizations.getInstanceOrganizationMembershipList({
      limit: 5,
      offset: seen.length,
      orderBy: "+created_at",
    });
    assert.equal(totalCount, 12);
    seen.push(...data.map(({ id }) => id));
    if (data.length < 5) break;
  }
  assert.deepEqual(seen.toSorted(), ids.toSorted());
});

Deno.test("organizations and memberships survive a restart", async () => {
  const directory = await Deno.makeTempDir();
  const database = `${directory}/clerk.sqlite`;
  let before: OrganizationMembership;
  {
    await using running = await startDouble({ database });
    const ada = await addUser(running, "Ada");
    const acme = await running.clerk.organizations.createOrganization({ name: "Acme" });
    before = await addMember(running, acme, ada);
  }
  await using running = await startDouble({ database });
  const { data } = await running.clerk.organizations.getInstanceOrganizationMembershipList({});
  assert.deepEqual(data.map(({ raw }) => raw), [before.raw]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("updated_at grows with every change even if the clock stands still", async () => {
  await using running = await startDouble({ now: () => 1_715_000_000_000 });
  const { organizations } = running.clerk;
  const ada = await addUser(running, "Ada");
  const acme = await organizations.createOrganization({ name: "Acme" });
  const renamed = await organizations.updateOrganization(acme.id, { name: "Acme 2" });
  assert.equal(renamed.updatedAt, acme.updatedAt + 1);
  const member = await addMember(running, acme, ada);
  const key = { organizationId: acme.id, userId: ada.id };
  const admin = await organizations.updateOrganizationMembership({ ...key, role: adminRole });
  assert.equal(admin.updatedAt, member.updatedAt + 1);
});
