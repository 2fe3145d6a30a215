/** Organizations at Clerk, as users-me and members see them. */
import assert from "node:assert/strict";
import { eventBody } from "../support/clerk/event_json.ts";
import {
  clerkMembershipJson,
  clerkOrganizationJson,
  joining,
} from "../support/clerk/organization_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { seededRandom } from "../support/random.ts";
import {
  clerk,
  longToken,
  signIn,
  signUp,
  webhooksSettled,
  withCascades,
} from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import {
  type Answer,
  backend,
  callWithToken,
  errorOf,
  frontend,
} from "../support/stack/supabase.ts";

interface Organization {
  readonly clerk_id: string;
  readonly name: string | null;
  readonly slug: string | null;
  readonly role: string;
}

/** Asserts that users-me lists exactly these organizations of the caller. */
async function assertOrganizations(token: string, expected: readonly Organization[]) {
  const answer = await callWithToken("users-me", token, "GET");
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(
    organizationsOf(answer),
    expected.toSorted((left, right) => left.clerk_id < right.clerk_id ? -1 : 1),
  );
}

function organizationsOf({ body }: Answer): unknown {
  assert.ok(typeof body === "object" && body !== null && "organizations" in body);
  return body.organizations;
}

/** Creates an organization with its founder and a member. */
async function foundOrganization(name: string) {
  const [admin, member] = await Promise.all([signUp(), signUp()]);
  const { organizations } = clerk();
  const slug = `engines-${crypto.randomUUID()}`;
  const { id } = await organizations.createOrganization({ name, slug, createdBy: admin.id });
  const membership = { organizationId: id, userId: member.id };
  await organizations.createOrganizationMembership({ ...membership, role: "org:member" });
  await webhooksSettled();
  return { id, slug, admin, member, membership };
}

Deno.test("an organization and its members reach users-me through their webhooks alone", async () => {
  const first = await foundOrganization("Engines");
  const second = await clerk().organizations.createOrganization({
    name: "Looms",
    createdBy: first.member.id,
  });
  await webhooksSettled();
  const { id: clerk_id, slug } = first;
  await assertOrganizations(await signIn(first.admin.id), [
    { clerk_id, name: "Engines", slug, role: "org:admin" },
  ]);
  const token = await signIn(first.member.id);
  await assertOrganizations(token, [
    { clerk_id, name: "Engines", slug, role: "org:member" },
    { clerk_id: second.id, name: "Looms", slug: second.slug, role: "org:admin" },
  ]);
  await assertOrganizations(await signIn((await signUpAndSettle()).id), []);
});

async function signUpAndSettle() {
  const user = await signUp();
  await webhooksSettled();
  return user;
}

Deno.test("a new name, a new role and the end of a membership reach users-me", async () => {
  const { organizations } = clerk();
  const { id, slug, member, membership } = await foundOrganization("Engines");
  const token = await signIn(member.id);
  await organizations.updateOrganization(id, { name: "Better Engines" });
  await organizations.updateOrganizationMembership({ ...membership, role: "org:admin" });
  await webhooksSettled();
  await assertOrganizations(token, [
    { clerk_id: id, name: "Better Engines", slug, role: "org:admin" },
  ]);
  await organizations.deleteOrganizationMembership(membership);
  await webhooksSettled();
  await assertOrganizations(token, []);
  await organizations.createOrganizationMembership({ ...membership, role: "org:member" });
  await webhooksSettled();
  await assertOrganizations(token, [
    { clerk_id: id, name: "Better Engines", slug, role: "org:member" },
  ]);
});

for (const cascaded of [true, false]) {
  const told = cascaded
    ? "also sends its memberships' deletions"
    : "sends only the organization's deletion";
  Deno.test(`a deleted organization is closed to its members if Clerk ${told}`, async () => {
    const { id, admin, member } = await foundOrganization("Engines");
    const tokens = [await signIn(admin.id), await signIn(member.id)];
    await withCascades(cascaded, () => clerk().organizations.deleteOrganization(id));
    for (const token of tokens) {
      await assertOrganizations(token, []);
      const { data } = await frontend(token).from("organization_memberships").select()
        .throwOnError();
      assert.deepEqual(data, []);
    }
    const { data } = await backend().from("organization_memberships").select("is_active")
      .eq("organization_clerk_id", id).throwOnError();
    assert.deepEqual(data, [{ is_active: false }, { is_active: false }]);
  });

  Deno.test(
    `a deleted user's memberships end if Clerk ${
      cascaded ? "also sends their deletions" : "sends only the user's deletion"
    }`,
    async () => {
      const { id, slug, admin, member } = await foundOrganization("Engines");
      const token = await signIn(member.id);
      await withCascades(cascaded, () => clerk().users.deleteUser(member.id));
      assert.equal(errorOf(await callWithToken("users-me", token)).code, "user_inactive");
      const supabase = frontend(await signIn(admin.id));
      const { data } = await supabase.from("organization_memberships").select("user_clerk_id")
        .throwOnError();
      assert.deepEqual(data, [{ user_clerk_id: admin.id }]);
      await assertOrganizations(await signIn(admin.id), [
        { clerk_id: id, name: "Engines", slug, role: "org:admin" },
      ]);
    },
  );
}

Deno.test("a member can read the organization and its members, and nobody can write", async () => {
  const { id, admin, member } = await foundOrganization("Engines");
  const stranger = await foundOrganization("Looms");
  const supabase = frontend(await signIn(member.id));
  const { data: organizations } = await supabase.from("organizations").select("clerk_id, name")
    .throwOnError();
  assert.deepEqual(organizations, [{ clerk_id: id, name: "Engines" }]);
  const { data: members } = await supabase.from("organization_memberships")
    .select("user_clerk_id, role").order("role").throwOnError();
  assert.deepEqual(members, [
    { user_clerk_id: admin.id, role: "org:admin" },
    { user_clerk_id: member.id, role: "org:member" },
  ]);
  const asAdmin = frontend(await signIn(admin.id));
  for (
    const { error } of [
      await asAdmin.from("organizations").update({ name: "Mine" }).eq("clerk_id", id),
      await asAdmin.from("organizations").delete().eq("clerk_id", id),
      await asAdmin.from("organization_memberships").insert({
        clerk_id: newClerkId("orgmem"),
        organization_clerk_id: stranger.id,
        user_clerk_id: admin.id,
        role: "org:admin",
      }),
    ]
  ) assert.equal(error?.code, "42501");
});

const seed = 20_260_124;

/** Milliseconds. */
const then = 1_767_225_600_000;

/** The events of a user's two organizations, and the one that remains. */
function history(user: string) {
  const [kept, left] = [newClerkId("org"), newClerkId("org")];
  const rejoined = { id: newClerkId("orgmem"), ...joining(user, kept) };
  const first = { id: newClerkId("orgmem"), ...joining(user, kept), role: "org:admin" };
  const other = { id: newClerkId("orgmem"), ...joining(user, left) };
  const at = (minutes: number) => ({ updated_at: then + 60_000 * minutes });
  const events = [
    eventBody("user.created", clerkUserJson({ id: user })),
    eventBody("organization.created", clerkOrganizationJson({ id: kept })),
    eventBody(
      "organization.updated",
      clerkOrganizationJson({ id: kept, name: "Renamed", ...at(5) }),
    ),
    eventBody("organization.created", clerkOrganizationJson({ id: left })),
    eventBody("organizationMembership.created", clerkMembershipJson(first)),
    eventBody(
      "organizationMembership.deleted",
      clerkMembershipJson(first),
      { timestamp: then + 60_000 },
    ),
    eventBody(
      "organizationMembership.created",
      clerkMembershipJson({ ...rejoined, created_at: then + 120_000, ...at(2) }),
    ),
    eventBody(
      "organizationMembership.updated",
      clerkMembershipJson({
        ...rejoined,
        created_at: then + 120_000,
        role: "org:editor",
        ...at(3),
      }),
    ),
    eventBody("organizationMembership.created", clerkMembershipJson(other)),
    eventBody("organization.deleted", { id: left, object: "organization", deleted: true }),
  ];
  const expected = [{ clerk_id: kept, name: "Renamed", slug: "engines", role: "org:editor" }];
  return { events, expected };
}

Deno.test("users-me gives the same answer whatever the order and number of the events", async () => {
  const random = seededRandom(seed);
  for (let round = 0; round < 8; round++) {
    const user = newClerkId();
    const { events, expected } = history(user);
    const bodies = random.shuffled([...events, ...events.slice(0, round)]);
    for (const body of bodies) {
      const { status } = await deliver(body);
      assert.equal(status, 200);
    }
    const token = await longToken(user);
    await assertOrganizations(token, expected);
  }
});

Deno.test("users-me shows only the role in an organization whose own event has not arrived", async () => {
  const user = newClerkId();
  const organization = newClerkId("org");
  const membership = clerkMembershipJson({
    id: newClerkId("orgmem"),
    role: "org:member",
    ...joining(user, organization),
  });
  await deliver(eventBody("user.created", clerkUserJson({ id: user })));
  await deliver(eventBody("organizationMembership.created", membership));
  const token = await longToken(user);
  await assertOrganizations(token, [
    { clerk_id: organization, name: null, slug: null, role: "org:member" },
  ]);
});

Deno.test("private metadata of organizations and memberships is never stored", async () => {
  const organization = newClerkId("org");
  const id = newClerkId("orgmem");
  const membership = clerkMembershipJson({ id, ...joining(newClerkId(), organization) });
  await deliver(eventBody("organization.created", clerkOrganizationJson({ id: organization })));
  await deliver(eventBody("organizationMembership.created", membership));
  const rows = await Promise.all([
    backend().from("organizations").select().eq("clerk_id", organization).throwOnError(),
    backend().from("organization_memberships").select().eq("clerk_id", id)
      .throwOnError(),
  ]);
  assert.deepEqual(rows.map(({ data }) => data.length), [1, 1]);
  const stored = JSON.stringify(rows.map(({ data }) => data));
  assert.match(stored, /"plan":"team"/);
  assert.doesNotMatch(stored, /private|work@example|An older name/);
});
