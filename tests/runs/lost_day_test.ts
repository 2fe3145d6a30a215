import assert from "node:assert/strict";
import { printedSeed, seededRandom } from "../support/random.ts";
import { clerk, signUp, withoutWebhooks } from "../support/stack/clerk.ts";
import { makeUsers } from "./clerk_side.ts";
import { foundOrganizations } from "./drift.ts";
import { run } from "./engine.ts";
import { askToTheEnd } from "./scheduled.ts";
import { assertAsClerk, startEmpty } from "./tables.ts";

const seed = printedSeed("lost day");
const random = seededRandom(seed);

/** A day of sign-ups, changes, bans, deletions, and the life of organizations, unheard by us. */
async function loseADay(): Promise<void> {
  const { users, organizations } = clerk();
  const { data: known } = await users.getUserList({ limit: 200, offset: random.below(300) });
  const { data: founded } = await organizations.getOrganizationList({ limit: 50 });
  const people = random.shuffled(known).map(({ id }) => id);
  const companies = random.shuffled(founded).map(({ id }) => id);
  const next = (list: string[]) => {
    const id = list.pop();
    assert.ok(id);
    return id;
  };
  for (let turn = 0; turn < 10; turn++) {
    await signUp();
    await users.updateUser(next(people), { firstName: `Day ${turn}` });
    await users.updateUserMetadata(next(people), { publicMetadata: { day: turn } });
    await users.banUser(next(people));
    await users.deleteUser(next(people));
  }
  for (let turn = 0; turn < 3; turn++) {
    const { id: organizationId } = await organizations.createOrganization({
      name: `New ${turn}`,
      createdBy: next(people),
    });
    const userId = next(people);
    const member = { organizationId, userId, role: "org:member" };
    await organizations.createOrganizationMembership(member);
    await organizations.updateOrganization(next(companies), { name: `Renamed ${turn}` });
    await organizations.deleteOrganization(next(companies));
    const of = next(companies);
    const { data } = await organizations.getOrganizationMembershipList({ organizationId: of });
    const leaving = data.map(({ publicUserData }) => publicUserData?.userId ?? "");
    for (const id of turn === 0 ? leaving : leaving.slice(0, 1)) {
      await organizations.deleteOrganizationMembership({ organizationId: of, userId: id });
    }
    const [staying] = turn === 0 ? [] : leaving.slice(1);
    if (staying === undefined) continue;
    const changed = {
      organizationId: of,
      userId: staying,
      role: turn === 1 ? "org:admin" : "org:member",
    };
    await organizations.updateOrganizationMembership(changed);
  }
  // A member who is deleted, and with them their memberships.
  const organizationId = next(companies);
  const { data: [member] } = await organizations.getOrganizationMembershipList({ organizationId });
  await users.deleteUser(member?.publicUserData?.userId ?? "");
}

Deno.test(`a day of lost webhooks is got back`, async () => {
  await startEmpty();
  await makeUsers(2_000, seed);
  await foundOrganizations(12);
  await run("backfill");
  await withoutWebhooks(loseADay);
  const found = await run("full");
  assert.equal(found.ending.outcome, "drift");
  const { counts } = found.ending;
  assert.deepEqual(
    [counts.user.missing, counts.user.stale, counts.user.wrongly_active],
    [10, 20, 20 + 1],
  );
  const mended = await run("full", { repairs: true, allowedDeactivations: 50 });
  assert.deepEqual([mended.ending.outcome, mended.ending.drift], ["repaired", 0]);
  await assertAsClerk();
  assert.deepEqual((await run("full")).findings, []);
  assert.deepEqual((await run("count")).findings, []);
});

Deno.test(`a day of lost webhooks heals by itself where the schedule runs`, async () => {
  await startEmpty();
  // So many that the deletions of the day are fewer than 1 %.
  await makeUsers(2_600, seed);
  await foundOrganizations(12);
  await run("backfill");
  await withoutWebhooks(loseADay);
  const recent = await askToTheEnd("recent");
  assert.equal(recent.outcome, "repaired");
  // Deletions are found at night.
  assert.notDeepEqual((await run("full")).findings, []);
  assert.equal((await askToTheEnd("full")).outcome, "repaired");
  await assertAsClerk();
});
