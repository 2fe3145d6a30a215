import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack } from "../support/database/connections.ts";
import {
  membershipDeletedFact,
  membershipFact,
  type MembershipIds,
  newClerkId,
  newMembershipIds,
  userFact,
} from "../support/facts/facts.ts";

const late = "2026-01-03T00:00:00.000Z";
const later = { clerk_created_at: "2026-01-04T00:00:00.000Z", clerk_updated_at: late };

/** A new membership of the same user and organization, as Clerk makes it when they are added again. */
function anotherOf(ids: MembershipIds): MembershipIds {
  return { ...ids, clerk_id: newClerkId("orgmem") };
}

async function deactivate(sql: TransactionSql, { clerk_id: id }: MembershipIds): Promise<void> {
  await sql`update public.organization_memberships set is_active = false where clerk_id = ${id}`;
}

async function isActive(sql: TransactionSql, { clerk_id: id }: MembershipIds): Promise<boolean> {
  const [row] = await sql`
    select is_active from public.organization_memberships where clerk_id = ${id}
  `;
  return row?.is_active;
}

/** Whether policies treat the user as a member. */
async function isMember(sql: TransactionSql, ids: MembershipIds): Promise<boolean> {
  const claims = { sid: "sess_1", sub: ids.user_clerk_id };
  await become(sql, "authenticated", claims);
  const [row] = await sql`select clerk_auth.is_member(${ids.organization_clerk_id}) as member`;
  await sql`reset role`;
  return row?.member;
}

Deno.test("a user deactivated in an organization stays deactivated when Clerk adds them again", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = anotherOf(first);
    await applyFacts(sql, [membershipFact(first)]);
    await deactivate(sql, first);
    await applyFacts(sql, [membershipDeletedFact(first, late)]);
    await applyFacts(sql, [membershipFact(second, later)]);
    assert.equal(await isActive(sql, second), false);
    assert.equal(await isMember(sql, second), false);
    await applyFacts(sql, [
      membershipFact(second, { ...later, clerk_updated_at: "2026-01-09T00:00:00Z" }),
    ]);
    assert.equal(await isMember(sql, second), false);
  });
});

Deno.test("deactivating an old membership also deactivates a newer one that is already there", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = anotherOf(first);
    await applyFacts(sql, [membershipFact(first), membershipFact(second, later)]);
    assert.equal(await isMember(sql, second), true);
    await deactivate(sql, first);
    assert.equal(await isActive(sql, second), false);
    assert.equal(await isMember(sql, second), false);
  });
});

Deno.test("a membership that names its user late is deactivated when it does", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = anotherOf(first);
    await applyFacts(sql, [membershipFact(first)]);
    await deactivate(sql, first);
    await applyFacts(sql, [membershipFact({ ...second, user_clerk_id: null }, later)]);
    assert.equal(await isActive(sql, second), true);
    await applyFacts(sql, [membershipFact(second, { ...later, role: "org:admin" })]);
    assert.equal(await isActive(sql, second), false);
    assert.equal(await isMember(sql, second), false);
  });
});

Deno.test("activating one membership lifts the deactivation of that user in the organization", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = anotherOf(first);
    await applyFacts(sql, [membershipFact(first)]);
    await deactivate(sql, first);
    await applyFacts(sql, [membershipDeletedFact(first, late), membershipFact(second, later)]);
    await sql`
      update public.organization_memberships set is_active = true where clerk_id = ${second.clerk_id}
    `;
    assert.equal(await isMember(sql, second), true);
    const third = anotherOf(first);
    await applyFacts(sql, [
      membershipFact(third, { ...later, clerk_created_at: "2026-01-06T00:00:00Z" }),
    ]);
    assert.equal(await isMember(sql, third), true);
  });
});

Deno.test("a deactivation applies only to that user in that organization", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const elsewhere = { ...newMembershipIds(), user_clerk_id: first.user_clerk_id };
    const colleague = {
      ...newMembershipIds(),
      organization_clerk_id: first.organization_clerk_id,
    };
    await applyFacts(sql, [membershipFact(first)]);
    await deactivate(sql, first);
    await applyFacts(sql, [membershipFact(elsewhere), membershipFact(colleague)]);
    assert.equal(await isMember(sql, first), false);
    assert.equal(await isMember(sql, elsewhere), true);
    assert.equal(await isMember(sql, colleague), true);
  });
});

Deno.test("an ended membership deactivates nobody", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = anotherOf(first);
    await applyFacts(sql, [membershipDeletedFact(first, late)]);
    await applyFacts(sql, [membershipFact(second, later)]);
    assert.equal(await isMember(sql, second), true);
  });
});

for (const table of ["users", "organizations"] as const) {
  Deno.test(`a deactivation in ${table} is stamped, survives every state, and is cleared when it is lifted`, async () => {
    await rolledBack(async (sql) => {
      const id = newClerkId();
      const state = (day: number) => ({
        ...userFact(id, { clerk_updated_at: `2026-01-0${day}T00:00:00.000Z` }),
        ...(table === "users" ? {} : { kind: "organization", name: `Day ${day}` }),
      });
      const read = async () => {
        const [row] = await sql`
          select is_active, deactivated_at is not null as stamped from ${sql(`public.${table}`)}
          where clerk_id = ${id}
        `;
        return [row?.is_active, row?.stamped];
      };
      await applyFacts(sql, [state(1)]);
      assert.deepEqual(await read(), [true, false]);
      await sql`update ${sql(`public.${table}`)} set is_active = false where clerk_id = ${id}`;
      assert.deepEqual(await read(), [false, true]);
      await applyFacts(sql, [state(5)]);
      assert.deepEqual(await read(), [false, true]);
      await sql`update ${sql(`public.${table}`)} set is_active = true where clerk_id = ${id}`;
      assert.deepEqual(await read(), [true, false]);
    });
  });
}
