/** How writers of memberships and deletions of users and organizations wait for each other. */
import assert from "node:assert/strict";
import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import { connect, type Sql, withSql } from "../support/database/connections.ts";
import { eventually } from "../support/eventually.ts";
import { eventOf } from "../support/facts/events.ts";
import {
  membershipFact,
  type MembershipIds,
  newClerkId,
  newMembershipIds,
  organizationDeletedFact,
  userDeletedFact,
} from "../support/facts/facts.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { deliver } from "../support/stack/deliver.ts";
import { applyOverHttp, applyOverSql } from "./bulk.ts";
import { stackDirectory, watchPostgresLog } from "./postgres_log.ts";
import { waiting } from "./waiting.ts";

const deletedAt = "2026-03-01T00:00:00.000Z";

function membershipNews(ids: MembershipIds): string {
  return eventOf(membershipFact(ids, { clerk_updated_at: "2026-02-28T23:59:59.000Z" }));
}

async function endOf(sql: Sql, { clerk_id: id }: MembershipIds): Promise<string | undefined> {
  const [row] = await sql<{ deleted_at: Date | null }[]>`
    select deleted_at from public.organization_memberships where clerk_id = ${id}
  `;
  return row?.deleted_at?.toISOString();
}

/** Runs while a transaction that has applied these facts stays open. */
async function whileApplying(facts: readonly unknown[], run: (sql: Sql) => Promise<void>) {
  await withSql((sql) =>
    sql.begin(async (transaction) => {
      await applyFacts(transaction, facts);
      await run(sql);
    })
  );
}

const deletions = {
  user: ({ user_clerk_id: id }: { readonly user_clerk_id: string }): Fact =>
    userDeletedFact(id, deletedAt),
  organization: ({ organization_clerk_id: id }: MembershipIds): Fact =>
    organizationDeletedFact(id, deletedAt),
};

for (const [owner, deletionOf] of Object.entries(deletions)) {
  Deno.test(`a membership waits while its ${owner} is being deleted, and is written as ended`, async () => {
    const ids = newMembershipIds();
    let late: ReturnType<typeof deliver> | undefined;
    await whileApplying([deletionOf(ids)], async (sql) => {
      late = deliver(membershipNews(ids));
      await eventually("the membership waits", async () => await waiting(sql) > 0);
    });
    assert.deepEqual((await late)?.body, { received: true, outcome: "applied" });
    assert.equal(await withSql((sql) => endOf(sql, ids)), deletedAt);
  });

  Deno.test(`a deletion of the ${owner} waits while a membership is being written, and then ends it`, async () => {
    const ids = newMembershipIds();
    let late: ReturnType<typeof deliver> | undefined;
    await whileApplying([membershipFact(ids)], async (sql) => {
      late = deliver(eventOf(deletionOf(ids)));
      await eventually("the deletion waits", async () => await waiting(sql) > 0);
    });
    assert.deepEqual((await late)?.body, { received: true, outcome: "applied" });
    assert.equal(await withSql((sql) => endOf(sql, ids)), deletedAt);
  });
}

Deno.test("a membership does not wait for the writers of other users, organizations and members", async () => {
  const [ids, other] = [newMembershipIds(), newMembershipIds()];
  const sameUser = { ...other, clerk_id: newClerkId("orgmem"), user_clerk_id: ids.user_clerk_id };
  const member = { ...newMembershipIds(), organization_clerk_id: ids.organization_clerk_id };
  const underWay = [
    // Another user and organization are deleted, and memberships that share a user or organization written.
    userDeletedFact(newClerkId(), deletedAt),
    organizationDeletedFact(newClerkId("org"), deletedAt),
    membershipFact(member),
    membershipFact({ ...newMembershipIds(), user_clerk_id: ids.user_clerk_id }),
  ];
  await applyOverHttp([membershipFact(other)]);
  await whileApplying(underWay, async (sql) => {
    for (const news of [ids, sameUser]) {
      assert.deepEqual(
        (await deliver(membershipNews(news))).body,
        { received: true, outcome: "applied" },
      );
    }
    assert.deepEqual(
      (await deliver(eventOf(deletions.organization(newMembershipIds())))).body,
      { received: true, outcome: "applied" },
    );
    // A call that waited would not have returned.
    assert.equal(await waiting(sql), 0);
  });
});

const batch = 500;
/** As many as PostgREST's connections. */
const writers = 10;

Deno.test("many connections at once can each write 500 memberships of different users and organizations", async () => {
  const log = await watchPostgresLog(stackDirectory());
  const connections = await Promise.all(Array.from({ length: writers }, () => connect()));
  let writing = writers;
  try {
    await Promise.all(connections.map((sql) =>
      sql.begin(async (transaction) => {
        const facts = Array.from({ length: batch }, () => membershipFact(newMembershipIds()));
        assert.deepEqual(new Set(await applyFacts(transaction, facts)), new Set(["created"]));
        writing--;
        // Nobody releases a lock before all have theirs.
        await eventually("all have written", () => writing === 0);
      })
    ));
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
  await log.assertQuiet();
});

Deno.test("overlapping batches of 500 memberships and deletions are all written, whatever their order", async () => {
  const random = seededRandom(printedSeed("Membership batches"));
  const log = await watchPostgresLog(stackDirectory());
  const organizations = Array.from({ length: 20 }, () => newClerkId("org"));
  const all = Array.from({ length: batch }, () => ({
    ...newMembershipIds(),
    organization_clerk_id: random.pick(organizations),
  }));
  const facts = [
    ...all.map((ids) => membershipFact(ids)),
    ...organizations.slice(0, 10).map((id) => organizationDeletedFact(id, deletedAt)),
    ...all.slice(0, 100).map((ids) => userDeletedFact(ids.user_clerk_id, deletedAt)),
  ];
  // Few connections, because they queue and none may wait longer than lock_timeout.
  const connections = await Promise.all(Array.from({ length: 4 }, () => connect()));
  try {
    const done = await Promise.all(
      connections.map((sql) => applyOverSql(sql)(random.shuffled(facts).slice(0, batch))),
    );
    assert.ok(!done.flat().includes("rejected"));
    await applyOverHttp(facts);
    const ended = new Set([...organizations.slice(0, 10), ...all.slice(0, 100).map(memberOf)]);
    const rows = await withSql((sql) =>
      sql<{ clerk_id: string; deleted_at: Date | null; is_active: boolean }[]>`
        select clerk_id, deleted_at, is_active from public.organization_memberships
        where organization_clerk_id = any(${organizations})
      `
    );
    assert.equal(rows.length, batch);
    const byId = new Map(rows.map((row) => [row.clerk_id, row]));
    for (const ids of all) {
      const end = ended.has(ids.organization_clerk_id) || ended.has(memberOf(ids));
      const row = byId.get(ids.clerk_id);
      assert.equal(row?.deleted_at?.toISOString(), end ? deletedAt : undefined);
      assert.equal(row?.is_active, !end);
    }
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
  await log.assertQuiet();
});

function memberOf(ids: { readonly user_clerk_id: string }): string {
  return ids.user_clerk_id;
}
