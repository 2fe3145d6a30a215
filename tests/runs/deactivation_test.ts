import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { emptyClerk, makeUsers, removeSilently, withFaults } from "./clerk_side.ts";
import { command, project } from "./command.ts";
import { foundOrganizations, readCast } from "./drift.ts";
import { linesOf, run } from "./engine.ts";
import { assertAsClerk, readVersions, startEmpty } from "./tables.ts";

const seed = printedSeed("deactivation");

/** Everybody on both sides, and then these users are gone from Clerk. Returns their ids. */
async function begin(gone: number): Promise<readonly string[]> {
  await startEmpty();
  await makeUsers(1_600, seed);
  await foundOrganizations(3);
  await run("backfill");
  return await withSql(async (sql) => {
    const rows = await sql`
      select u.clerk_id
      -- Not those about whom a run asks first, to see whether Clerk knows any.
      from (select clerk_id from public.users order by clerk_id collate "C" offset 100) as u
      where not exists (select from public.organization_memberships as m where m.user_clerk_id = u.clerk_id)
      order by md5(u.clerk_id) limit ${gone}`;
    const ids = rows.map(({ clerk_id: id }) => String(id));
    for (const id of ids) await removeSilently(id);
    return ids.sort();
  });
}

async function activeUsers(): Promise<number> {
  const [row] = await withSql((sql) =>
    sql`select count(*)::int as active from public.users where is_active and deleted_at is null`
  );
  return Number(row?.active);
}

Deno.test(`lost deletions of up to 1 % are applied, and are in the ledger`, async () => {
  const gone = await begin(16);
  const { ending } = await run("full", { repairs: true });
  assert.deepEqual([ending.outcome, ending.counts.user.repaired], ["repaired", 16]);
  await assertAsClerk();
  const entries = await withSql((sql) =>
    sql`select delivery_id, event_type, source, outcome from public.clerk_deliveries order by delivery_id`
  );
  assert.deepEqual(
    [...entries],
    gone.map((id) => ({
      delivery_id: `reconcile_${id}`,
      event_type: "user.deleted",
      source: "reconcile",
      outcome: "updated",
    })).sort((left, right) => left.delivery_id < right.delivery_id ? -1 : 1),
  );
});

Deno.test("more than 1 % of deletions are refused as a whole, until they are allowed by number", async () => {
  const gone = await begin(20);
  const refused = await run("full", { repairs: true });
  assert.deepEqual(linesOf(refused), gone.map((id) => `wrongly_active ${id}`));
  assert.deepEqual([refused.ending.outcome, refused.ending.drift], ["drift", 20]);
  assert.equal(
    refused.ending.reason,
    "20 users are gone from Clerk, more than 1 % and more than 10. None of them was deactivated. " +
      "If that is right, allow it with --allow-deactivations 20",
  );
  assert.equal(await activeUsers(), 1_600);
  assert.equal((await run("full", { repairs: true, allowedDeactivations: 19 })).ending.drift, 20);
  assert.equal(await activeUsers(), 1_600);
  const allowed = await run("full", { repairs: true, allowedDeactivations: 20 });
  assert.deepEqual([allowed.ending.outcome, allowed.ending.counts.user.repaired], ["repaired", 20]);
  await assertAsClerk();
});

const doubts = {
  "an empty answer": { keep: 0 },
  "a 404": { status: 404 },
  "a 500": { status: 500 },
  "a web page": { garbage: "page" },
  "an answer that stops in the middle": { garbage: "truncated" },
} as const;

for (const [name, fault] of Object.entries(doubts)) {
  Deno.test(`${name} to the proof deactivates nobody`, async () => {
    const gone = await begin(3);
    const faults = gone.map((id) => ({ route: "GET /v1/users", query: id, ...fault }));
    await withFaults(faults, async () => {
      const { ending, findings } = await run("full", { repairs: true, patience: 300 });
      assert.deepEqual(linesOf({ findings }), gone.map((id) => `unproven ${id}`));
      assert.deepEqual([ending.outcome, ending.drift], ["drift", 3]);
    });
    assert.equal(await activeUsers(), 1_600);
  });
}

Deno.test("where too many users are gone, no organization and no membership is deleted either", async () => {
  await begin(20);
  await withSql((sql) =>
    sql`
      insert into public.organizations (clerk_id, name, clerk_created_at, clerk_updated_at)
      values ('org_unknown', 'Unknown', '2023-05-05', '2023-05-05')`
  );
  const { ending, findings } = await run("full", { repairs: true });
  assert.ok(linesOf({ findings }).includes("wrongly_active org_unknown"));
  assert.equal(ending.drift, 21);
  assert.equal(
    ending.reason,
    "20 users are gone from Clerk, more than 1 % and more than 10. None of them was deactivated, " +
      "nor was anything else that is gone: 1 organization. " +
      "If that is right, allow it with --allow-deactivations 20",
  );
  const [organization] = await withSql((sql) =>
    sql`select is_active from public.organizations where clerk_id = 'org_unknown'`
  );
  assert.equal(organization?.is_active, true);
});

for (const kind of ["full", "count", "recent"] as const) {
  Deno.test(`a repairing run (${kind}) with the key of another instance changes nothing`, async () => {
    await startEmpty();
    await makeUsers(4, seed);
    await foundOrganizations(1);
    await run("backfill");
    await emptyClerk();
    await makeUsers(5, seed + 1, [Date.now() - 60_000, Date.now()]);
    const before = await readVersions();
    await assert.rejects(
      run(kind, { repairs: true }),
      /Clerk knows none of the users in the table: CLERK_SECRET_KEY may be of another instance/,
    );
    assert.equal(await readVersions(), before);
    assert.equal((await run(kind)).ending.outcome, "drift");
  });
}

Deno.test("a run with a key of another instance than CLERK_INSTANCE_ID reads nothing", async () => {
  await begin(0);
  const before = await readVersions();
  for (const name of ["backfill", "reconcile"] as const) {
    const { code, lines, errors } = await command(name, [], {
      ...project(),
      CLERK_INSTANCE_ID: "ins_another",
    });
    assert.deepEqual([code, lines], [1, []]);
    assert.match(
      errors,
      /CLERK_SECRET_KEY is of instance ins_\w+, but CLERK_INSTANCE_ID names another/,
    );
  }
  assert.equal(await readVersions(), before);
});

Deno.test("an instance that has nobody proves nothing", async () => {
  await begin(0);
  await emptyClerk();
  const { ending, findings } = await run("full", { repairs: true, allowedDeactivations: 10_000 });
  assert.equal(await activeUsers(), 1_600);
  assert.equal(ending.counts.user.unproven, 1_600);
  assert.ok(findings.every(({ difference }) => difference === "unproven"));
});

Deno.test("users whom Clerk lists elsewhere than their rows are stay, however many", async () => {
  await begin(0);
  await withSql((sql) =>
    sql`
      update public.users set clerk_created_at = clerk_created_at + interval '40 days'
      where clerk_id in (select clerk_id from public.users order by md5(clerk_id) limit 200)`
  );
  const { ending } = await run("full", { repairs: true });
  assert.deepEqual([ending.outcome, ending.counts.user.repaired], ["repaired", 200]);
  assert.equal(await activeUsers(), 1_600);
  await assertAsClerk();
});

Deno.test("memberships are deleted with proof: a member who was removed, one who joined again, the last one", async () => {
  await begin(0);
  const planted = await withSql(async (sql) => {
    const cast = await readCast(sql);
    const [first, second] = cast.organizations;
    const [member] = await sql`
      select user_clerk_id as id from public.organization_memberships where organization_clerk_id = ${
      first ?? ""
    } limit 1`;
    // Somebody who is no member, and an earlier membership of somebody who is.
    await sql`
      insert into public.organization_memberships
        (clerk_id, organization_clerk_id, user_clerk_id, role, clerk_created_at, clerk_updated_at)
      values
        ('orgmem_removed', ${first ?? ""}, ${
      cast.users[2] ?? ""
    }, 'org:member', '2023-05-05', '2023-05-05'),
        ('orgmem_earlier', ${second ?? ""}, ${
      String(member?.id)
    }, 'org:member', '2023-05-06', '2023-05-06'),
        ('orgmem_nowhere', 'org_unknown', ${
      cast.users[3] ?? ""
    }, 'org:member', '2023-05-07', '2023-05-07')`;
    return ["orgmem_earlier", "orgmem_nowhere", "orgmem_removed"];
  });
  const { ending, findings } = await run("full", { repairs: true });
  assert.deepEqual(linesOf({ findings }), planted.map((id) => `wrongly_active ${id}`));
  assert.equal(ending.outcome, "repaired");
  await assertAsClerk();
});
