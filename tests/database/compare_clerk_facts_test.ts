import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { rolledBack } from "../support/database/connections.ts";
import {
  membershipFact,
  newClerkId,
  newMembershipIds,
  organizationFact,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";

const newer = "2026-01-03T00:00:00.000Z";

async function compare(sql: TransactionSql, facts: readonly unknown[]) {
  const rows = await sql`
    select * from public.compare_clerk_facts(${JSON.stringify(facts)}::text::jsonb)
  `;
  return rows.map(({ item, difference, columns, ahead }) => [item, difference, columns, ahead]);
}

/** Repairs as reconcile does: with what the comparison has seen. */
async function repair(sql: TransactionSql, facts: readonly object[]) {
  const compared = await sql`
    select item, seen from public.compare_clerk_facts(${JSON.stringify(facts)}::text::jsonb)
  `;
  const seen = compared.map(({ item, seen }) => ({ ...facts[Number(item) - 1], seen }));
  const repaired = await sql`
    select outcome from public.repair_clerk_facts(${
    JSON.stringify(seen)
  }::text::jsonb) order by item
  `;
  return repaired.map(({ outcome }) => outcome);
}

Deno.test("compare_clerk_facts() finds no difference in rows that show their state", async () => {
  await rolledBack(async (sql) => {
    const facts = [
      userFact(newClerkId(), { last_sign_in_at: newer }),
      organizationFact(newClerkId("org")),
      membershipFact(newMembershipIds()),
    ];
    await applyFacts(sql, facts);
    assert.deepEqual(await compare(sql, facts), []);
  });
});

Deno.test("compare_clerk_facts() names missing rows, and stale ones with their columns", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const [user, organization] = [newClerkId(), newClerkId("org")];
    await applyFacts(sql, [
      userFact(user),
      organizationFact(organization),
      membershipFact(ids),
    ]);
    assert.deepEqual(
      await compare(sql, [
        userFact(newClerkId()),
        userFact(user, { email: "other@example.com", phone: "+1", clerk_updated_at: newer }),
        organizationFact(newClerkId("org")),
        organizationFact(organization, { public_metadata: {} }),
        membershipFact(newMembershipIds()),
        membershipFact(ids, { role: "org:admin", permissions: [] }),
      ]),
      [
        [1, "missing", null, false],
        [2, "stale", ["clerk_updated_at", "email", "phone"], false],
        [3, "missing", null, false],
        [4, "stale", ["public_metadata"], false],
        [5, "missing", null, false],
        [6, "stale", ["permissions", "role"], false],
      ],
    );
  });
});

Deno.test("compare_clerk_facts() tells who is let in though banned, and who is deleted though in Clerk", async () => {
  await rolledBack(async (sql) => {
    const [banned, shut, deleted] = [newClerkId(), newClerkId(), newClerkId()];
    await applyFacts(sql, [
      userFact(banned),
      userFact(shut),
      userFact(deleted),
      userDeletedFact(deleted, newer),
    ]);
    await sql`update public.users set is_active = false where clerk_id = ${shut}`;
    const now = { banned: true, clerk_updated_at: newer };
    assert.deepEqual(
      await compare(sql, [userFact(banned, now), userFact(shut, now), userFact(deleted)]),
      [
        [1, "wrongly_active", ["banned", "clerk_updated_at"], false],
        [2, "stale", ["banned", "clerk_updated_at"], false],
        [3, "wrongly_deleted", null, false],
      ],
    );
  });
});

Deno.test("compare_clerk_facts() says that a row is ahead if it shows a later time", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { clerk_updated_at: newer, first_name: "Augusta" })]);
    assert.deepEqual(await compare(sql, [userFact(id)]), [
      [1, "stale", ["clerk_updated_at", "first_name"], true],
    ]);
  });
});

Deno.test("a membership whose state leaves out the user does not differ in it", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    await applyFacts(sql, [membershipFact(ids)]);
    assert.deepEqual(await compare(sql, [membershipFact({ ...ids, user_clerk_id: null })]), []);
  });
});

Deno.test("repair_clerk_facts() mends rows that somebody has changed by hand", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const facts = [
      userFact(newClerkId()),
      userFact(newClerkId()),
      organizationFact(newClerkId("org")),
      membershipFact(ids),
    ];
    await applyFacts(sql, facts);
    const [first, second, organization] = facts.map(({ clerk_id }) => clerk_id);
    // Each looks at least as new as Clerk's state, so that no state of that age would win.
    await sql`update public.users set email = 'zzz@example.com' where clerk_id = ${first ?? ""}`;
    await sql`update public.users set clerk_updated_at = '2027-01-01' where clerk_id = ${
      second ?? ""
    }`;
    await sql`update public.organizations set name = 'ZZZ' where clerk_id = ${organization ?? ""}`;
    await sql`
      update public.organization_memberships set role = 'org:zzz' where clerk_id = ${ids.clerk_id}
    `;
    assert.deepEqual(await applyFacts(sql, facts), ["stale", "stale", "stale", "stale"]);
    assert.deepEqual(await repair(sql, facts), ["updated", "updated", "updated", "updated"]);
    assert.deepEqual(await compare(sql, facts), []);
  });
});

Deno.test("repair_clerk_facts() leaves a row that has changed since it was seen", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    const read = userFact(id, { first_name: "Read" });
    await applyFacts(sql, [userFact(id, { clerk_updated_at: newer, first_name: "By webhook" })]);
    const before = { ...read, seen: "2026-01-02T12:00:00.000Z" };
    await sql`select from public.repair_clerk_facts(${JSON.stringify([before])}::text::jsonb)`;
    const [row] = await sql`select first_name from public.users where clerk_id = ${id}`;
    assert.equal(row?.first_name, "By webhook");
  });
});

Deno.test("repair_clerk_facts() brings no deleted user back", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id), userDeletedFact(id, newer)]);
    await repair(sql, [userFact(id)]);
    const [row] = await sql`select is_active, deleted_at from public.users where clerk_id = ${id}`;
    assert.equal(row?.is_active, false);
    assert.ok(row?.deleted_at);
  });
});

Deno.test("measure_clerk_rows() counts what Clerk should have, from a time until before another", async () => {
  await rolledBack(async (sql) => {
    // A time that no other test uses.
    const at = (second: number) => `1999-01-01T00:00:0${second}.000Z`;
    const ids = [0, 1, 2, 3, 4].map(() => newClerkId());
    await applyFacts(
      sql,
      ids.map((id, index) => userFact(id, { clerk_created_at: at(index) })),
    );
    await applyFacts(sql, [userDeletedFact(ids[4] ?? "", newer)]);
    const measure = async (from: string, to: string) => {
      const [row] = await sql`select * from public.measure_clerk_rows('user', ${from}, ${to})`;
      return [Number(row?.rows), row?.middle?.toISOString()];
    };
    assert.deepEqual(await measure(at(0), at(9)), [4, at(2)]);
    assert.deepEqual(await measure(at(1), at(3)), [2, at(2)]);
    assert.deepEqual(await measure(at(5), at(9)), [0, undefined]);
  });
});

Deno.test("find_unlisted_clerk_rows() gives what a list of Clerk's leaves out, and what each would be", async () => {
  await rolledBack(async (sql) => {
    const at = "1999-02-01T00:00:00.000Z";
    const to = "1999-02-02T00:00:00.000Z";
    const [listed, let_in, banned, gone, later, made] = Array.from(
      { length: 6 },
      () => newClerkId(),
    );
    const ids = newMembershipIds();
    await applyFacts(sql, [
      userFact(listed ?? "", { clerk_created_at: at }),
      userFact(let_in ?? "", { clerk_created_at: at }),
      userFact(banned ?? "", { clerk_created_at: at, banned: true }),
      userFact(gone ?? "", { clerk_created_at: at }),
      userFact(later ?? "", { clerk_created_at: to }),
      membershipFact(ids, { clerk_created_at: at }),
    ]);
    await applyFacts(sql, [userDeletedFact(gone ?? "", newer)]);
    await sql`insert into public.users (clerk_id) values (${made ?? ""})`;
    const find = async (resource: string, after = "") => {
      const rows = await sql`
        select * from public.find_unlisted_clerk_rows(${resource}, ${[
        listed ?? "",
      ]}, ${at}, ${to}, ${after})
      `;
      return rows.map((row) => [row.clerk_id, row.difference, row.user_clerk_id]);
    };
    const expected = [[let_in, "wrongly_active", null], [banned, "extra", null]].toSorted();
    assert.deepEqual(await find("user"), expected);
    assert.deepEqual(await find("user", expected[0]?.[0] ?? ""), expected.slice(1));
    assert.deepEqual(await find("membership"), [[
      ids.clerk_id,
      "wrongly_active",
      ids.user_clerk_id,
    ]]);
    const undated = await sql`select clerk_id from public.find_undated_clerk_rows('user')`;
    assert.ok(undated.some(({ clerk_id }) => clerk_id === made));
    assert.ok(!undated.some(({ clerk_id }) => clerk_id === let_in));
  });
});
