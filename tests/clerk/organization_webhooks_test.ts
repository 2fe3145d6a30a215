import assert from "node:assert/strict";
import { z } from "zod";
import { signingSecret } from "../support/svix/deliveries.ts";
import {
  control,
  type Received,
  type RunningDouble,
  startDouble,
  startReceiver,
} from "./running_double.ts";
import { readSpecification } from "../support/clerk/openapi.ts";
import { verified } from "./verified.ts";

const specification = readSpecification("webhooks-2025-04-15.yml");

const membershipData = z.looseObject({
  organization: z.looseObject({ id: z.string(), members_count: z.int() }),
  public_user_data: z.looseObject({ user_id: z.string() }),
});

function settings(url: string) {
  return { url, secrets: [signingSecret], retry_schedule_ms: [] };
}

/** Reads deliveries. Throws unless all are genuine and as specified. */
function eventsOf(received: readonly Received[]) {
  const events = received.map((delivery) => verified(delivery));
  for (const event of events) {
    const validate = specification.event(event.type);
    assert.ok(validate(event), `${event.type}: ${JSON.stringify(validate.errors)}`);
  }
  return events;
}

/** Creates an organization with two members, and drops the deliveries about it. */
async function organizationOfTwo({ clerk, double }: RunningDouble, received: Received[]) {
  const ada = await clerk.users.createUser({ firstName: "Ada" });
  const bob = await clerk.users.createUser({ firstName: "Bob" });
  const acme = await clerk.organizations.createOrganization({ name: "Acme", createdBy: ada.id });
  await clerk.organizations.createOrganizationMembership({
    organizationId: acme.id,
    userId: bob.id,
    role: "org:member",
  });
  await double.settled();
  received.length = 0;
  return { ada, bob, acme };
}

Deno.test("every change of an organization and its members is delivered, as specified", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: settings(receiver.url) });
  const { clerk, double } = running;
  const { organizations } = clerk;
  const { id: userId } = await clerk.users.createUser({ emailAddress: ["ada@example.com"] });
  await double.settled();
  receiver.received.length = 0;
  const next = async () => {
    await double.settled();
    return eventsOf(receiver.received.splice(0));
  };

  const created = await organizations.createOrganization({ name: "Acme" });
  const organizationId = created.id;
  const [creation, ...none] = await next();
  assert.equal(creation?.type, "organization.created");
  assert.deepEqual(creation.data, { ...created.raw });
  assert.deepEqual(none, []);

  const renamed = await organizations.updateOrganization(organizationId, { name: "Acme 2" });
  const [update] = await next();
  assert.equal(update?.type, "organization.updated");
  assert.deepEqual(update.data, { ...renamed.raw });

  const key = { organizationId, userId };
  const added = await organizations.createOrganizationMembership({ ...key, role: "org:member" });
  const [addition] = await next();
  assert.equal(addition?.type, "organizationMembership.created");
  assert.deepEqual(addition.data, { ...added.raw });
  assert.equal(membershipData.parse(addition.data).organization.members_count, 1);

  const promoted = await organizations.updateOrganizationMembership({ ...key, role: "org:admin" });
  const [promotion] = await next();
  assert.equal(promotion?.type, "organizationMembership.updated");
  assert.deepEqual(promotion.data, { ...promoted.raw });

  const removed = await organizations.deleteOrganizationMembership(key);
  const [removal] = await next();
  assert.equal(removal?.type, "organizationMembership.deleted");
  assert.deepEqual(removal.data, { ...removed.raw });
  assert.equal(removal.data.id, added.id);
  assert.equal(membershipData.parse(removal.data).organization.members_count, 0);

  await organizations.deleteOrganization(organizationId);
  const [deletion, ...others] = await next();
  assert.equal(deletion?.type, "organization.deleted");
  assert.deepEqual(deletion.data, { object: "organization", id: organizationId, deleted: true });
  assert.deepEqual(others, []);
});

Deno.test("an organization with a creator brings an event for its first member too", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: settings(receiver.url) });
  const { clerk, double } = running;
  const ada = await clerk.users.createUser({});
  await clerk.organizations.createOrganization({ name: "Acme", createdBy: ada.id });
  await double.settled();
  const types = double.messages.list({ limit: 10 }).map(({ type }) => type);
  assert.deepEqual(types, [
    "organizationMembership.created",
    "organization.created",
    "user.created",
  ]);
  const membership = eventsOf(receiver.received)
    .find(({ type }) => type === "organizationMembership.created");
  assert.equal(membership?.data.role, "org:admin");
  assert.equal(membershipData.parse(membership.data).organization.members_count, 1);
});

Deno.test("an organization's deletion is delivered after those of its memberships", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: settings(receiver.url) });
  const { ada, bob, acme } = await organizationOfTwo(running, receiver.received);
  await running.clerk.organizations.deleteOrganization(acme.id);
  await running.double.settled();
  const memberships = eventsOf(receiver.received)
    .filter(({ type }) => type === "organizationMembership.deleted")
    .map(({ data }) => membershipData.parse(data));
  assert.deepEqual(
    memberships.map((membership) => membership.public_user_data.user_id).sort(),
    [ada.id, bob.id].sort(),
  );
  assert.ok(memberships.every(({ organization }) => organization.id === acme.id));
  const types = running.double.messages.list({ limit: 3 }).map(({ type }) => type);
  assert.deepEqual(types, [
    "organization.deleted",
    "organizationMembership.deleted",
    "organizationMembership.deleted",
  ]);
});

Deno.test("a user's deletion is delivered after those of their memberships", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: settings(receiver.url) });
  const { bob, acme } = await organizationOfTwo(running, receiver.received);
  await running.clerk.users.deleteUser(bob.id);
  await running.double.settled();
  const membership = eventsOf(receiver.received)
    .find(({ type }) => type === "organizationMembership.deleted");
  const { organization, public_user_data: user } = membershipData.parse(membership?.data);
  assert.deepEqual([organization.id, organization.members_count], [acme.id, 1]);
  assert.equal(user.user_id, bob.id);
  const types = running.double.messages.list({ limit: 2 }).map(({ type }) => type);
  assert.deepEqual(types, ["user.deleted", "organizationMembership.deleted"]);
});

Deno.test("without cascaded events, memberships that end by another deletion bring no event", async () => {
  await using receiver = startReceiver();
  await using running = await startDouble({ endpoint: settings(receiver.url) });
  const { clerk, double, url } = running;
  const { ada, bob, acme } = await organizationOfTwo(running, receiver.received);
  const other = await clerk.organizations.createOrganization({ name: "Other", createdBy: bob.id });
  await double.settled();
  receiver.received.length = 0;
  const response = await control(url, "PUT", "endpoint", { cascaded_events: false });
  assert.equal(response.status, 200, await response.text());
  await clerk.organizations.deleteOrganizationMembership({
    organizationId: acme.id,
    userId: ada.id,
  });
  await clerk.organizations.deleteOrganization(acme.id);
  await clerk.users.deleteUser(bob.id);
  await double.settled();
  assert.deepEqual(eventsOf(receiver.received).map(({ type }) => type).sort(), [
    "organization.deleted",
    "organizationMembership.deleted",
    "user.deleted",
  ]);
  const { totalCount } = await clerk.organizations.getOrganizationMembershipList({
    organizationId: other.id,
  });
  assert.equal(totalCount, 0);
});
