import assert from "node:assert/strict";
import { printedSeed } from "../support/random.ts";
import { clerk, withoutWebhooks } from "../support/stack/clerk.ts";
import { withSql } from "../support/database/connections.ts";
import { longAgo, makeUsers, metFaults, withFaults } from "./clerk_side.ts";
import { type Ran, run } from "./engine.ts";
import { assertAsClerk, readRuns, readVersions, startEmpty } from "./tables.ts";

const seed = printedSeed("backfill");

function assertComplete({ ending, findings }: Ran): void {
  assert.deepEqual(findings, []);
  assert.deepEqual([ending.outcome, ending.drift], ["complete", 0]);
}

/** Organizations with members. */
async function foundOrganizations(count: number): Promise<void> {
  await withoutWebhooks(async () => {
    const { data: users } = await clerk().users.getUserList({ limit: 5 });
    for (let number = 0; number < count; number++) {
      const [founder, ...others] = users;
      assert.ok(founder);
      const { id } = await clerk().organizations.createOrganization({
        name: `Organization ${number}`,
        createdBy: founder.id,
      });
      for (const { id: userId } of others.slice(0, number % 4)) {
        await clerk().organizations.createOrganizationMembership({
          organizationId: id,
          userId,
          role: "org:member",
        });
      }
    }
  });
}

Deno.test(`a backfill writes everybody, and a second one touches no row`, async () => {
  await startEmpty();
  await makeUsers(3_000, seed);
  await foundOrganizations(60);
  const first = await run("backfill");
  assertComplete(first);
  assert.equal(first.ending.counts.user.created, 3_000);
  await assertAsClerk();
  const versions = await readVersions();
  const second = await run("backfill");
  assertComplete(second);
  assert.equal(second.ending.counts.user.unchanged, 3_000);
  assert.equal(await readVersions(), versions);
  assert.deepEqual(
    (await readRuns()).map(({ kind, outcome }) => [kind, outcome]),
    [["backfill", "complete"], ["backfill", "complete"]],
  );
});

Deno.test("a backfill of nobody is complete", async () => {
  await startEmpty();
  assertComplete(await run("backfill"));
});

Deno.test("users who were all created in one millisecond, and the next, are all written", async () => {
  await startEmpty();
  await makeUsers(1_700, seed, [longAgo, longAgo + 1]);
  await makeUsers(1_300, seed, [longAgo + 1, longAgo + 2]);
  await makeUsers(2_000, seed, [longAgo, longAgo + 50]);
  assertComplete(await run("backfill"));
  await assertAsClerk();
});

const list = { route: "GET /v1/users" };
const spoiled = {
  "429 with Retry-After": { ...list, status: 429, retry_after: 1, times: 3 },
  "500": { ...list, status: 500, times: 4 },
  "an answer that stops in the middle": { ...list, garbage: "truncated", times: 4 },
  "a web page": { ...list, garbage: "page", times: 4 },
  "a broken connection": { ...list, connection: "broken", times: 4 },
  "404": { ...list, status: 404, times: 4 },
  "an empty page": { ...list, keep: 0, times: 7 },
  "a page of ten": { ...list, keep: 10, times: 9 },
  "bounds that are included": { route: "GET /v1/users*", inclusive_bounds: true },
  "late pages": { ...list, delay_ms: 250 },
} as const;

for (const [name, fault] of Object.entries(spoiled)) {
  Deno.test(`a backfill is complete in spite of ${name}`, async () => {
    await startEmpty();
    await makeUsers(2_500, seed);
    await withFaults([fault], async () => {
      assertComplete(await run("backfill", { patience: 20_000 }));
      const [met = 0] = await metFaults();
      assert.ok(met > 0, "the fault was met");
    });
    await assertAsClerk();
  });
}

Deno.test("organizations and memberships are complete in spite of short and empty pages", async () => {
  await startEmpty();
  await makeUsers(5, seed);
  await foundOrganizations(130);
  const faults = [
    { route: "GET /v1/organizations", keep: 7, times: 3 },
    { route: "GET /v1/organizations", keep: 0, times: 1 },
    { route: "GET /v1/organization_memberships", keep: 60, times: 3 },
    { route: "GET /v1/organization_memberships", keep: 0, times: 1 },
  ];
  await withFaults(faults, async () => assertComplete(await run("backfill")));
  await assertAsClerk();
});

Deno.test("an instance whose organizations are switched off is read to its end, and loses no row", async () => {
  await startEmpty();
  await makeUsers(20, seed);
  await foundOrganizations(3);
  assertComplete(await run("backfill"));
  const off = { status: 403, code: "organization_not_enabled_in_instance" };
  await withFaults([{ route: "GET /v1/organization*", ...off }], async () => {
    assertComplete(await run("backfill"));
    const { ending, findings } = await run("full", { repairs: true });
    assert.equal(ending.outcome, "drift");
    assert.deepEqual([...new Set(findings.map(({ difference }) => difference))], ["unproven"]);
  });
  await assertAsClerk();
});

Deno.test("a list that stays short fails the run, which says so", async () => {
  await startEmpty();
  await makeUsers(1_500, seed);
  await withFaults([{ ...list, keep: 0 }], async () => {
    const { ending } = await run("backfill");
    assert.equal(ending.outcome, "failed");
    assert.equal(
      ending.reason,
      "Clerk's list of users: it counts 1500 in a window and shows only 0",
    );
  });
  const [failed] = await readRuns();
  assert.deepEqual([failed?.outcome, failed?.reason !== null], ["failed", true]);
});

Deno.test("a row that the database refuses is named and stops nobody", async () => {
  await startEmpty();
  await makeUsers(1_200, seed);
  const { data: [user] } = await clerk().users.getUserList({ limit: 1, offset: 600 });
  assert.ok(user);
  await withSql(async (sql) => {
    await sql.unsafe(
      `alter table public.users add constraint app_check check (clerk_id <> '${user.id}')`,
    );
    try {
      const { ending, findings } = await run("backfill");
      assert.deepEqual(findings, [{
        resource: "user",
        id: user.id,
        difference: "rejected",
        reason: "23514 users app_check",
        repaired: false,
      }]);
      assert.deepEqual([ending.outcome, ending.drift], ["drift", 1]);
      assert.equal(ending.counts.user.created, 1_199);
    } finally {
      await sql`alter table public.users drop constraint app_check`;
    }
  });
});

Deno.test("a user who is not as Clerk describes is named by path and stops nobody", async () => {
  await startEmpty();
  await makeUsers(20, seed);
  const deep = JSON.parse(`${'{"a":'.repeat(80)}1${"}".repeat(80)}`);
  const user = await withoutWebhooks(() => clerk().users.createUser({ publicMetadata: deep }));
  const { ending, findings } = await run("backfill");
  assert.deepEqual(findings.map(({ id, difference, reason }) => [id, difference, reason]), [
    [user.id, "refused", "public_metadata: Nested too deeply"],
  ]);
  assert.equal(ending.counts.user.created, 20);
});
