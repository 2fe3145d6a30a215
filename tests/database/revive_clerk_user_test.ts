import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack, sqlState } from "../support/database/connections.ts";
import {
  membershipFact,
  newClerkId,
  newMembershipIds,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";

const wrongly = "2026-01-05T00:00:00.000Z";
const long = { clerk_updated_at: "2026-01-02T00:00:00.000Z", first_name: "Ada" };
const newer = { clerk_updated_at: "2026-01-09T00:00:00.000Z", first_name: "Augusta" };

async function revive(sql: TransactionSql, id: string, reason = "Clerk answered 404 by mistake") {
  const [row] = await sql`select public.revive_clerk_user(${id}, ${reason}) as revived`;
  return row?.revived;
}

async function read(sql: TransactionSql, id: string) {
  const [row] = await sql`
    select first_name, is_active, deleted_at, erased_at, revived_at, deactivated_at
    from public.users where clerk_id = ${id}
  `;
  assert.ok(row);
  return row;
}

/** A time after every revival in a test. */
function future(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

Deno.test("revive_clerk_user() restores a user who was deleted by mistake, with their state", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, long), userDeletedFact(id, wrongly)]);
    assert.equal(await revive(sql, id), true);
    const row = await read(sql, id);
    assert.deepEqual([row.is_active, row.deleted_at, row.first_name], [true, null, "Ada"]);
    assert.deepEqual(await applyFacts(sql, [userFact(id, newer)]), ["updated"]);
    assert.equal((await read(sql, id)).first_name, "Augusta");
  });
});

Deno.test("older facts never undo revive_clerk_user(), in any order", async () => {
  const id = newClerkId();
  const facts = [
    userFact(id, long),
    userFact(id, newer),
    userDeletedFact(id, wrongly),
    userDeletedFact(id, "2026-01-04T00:00:00.000Z"),
  ];
  const rows: unknown[] = [];
  for (const order of [facts, facts.toReversed()]) {
    for (const before of [1, 2, 3, 4]) {
      await rolledBack(async (sql) => {
        await applyFacts(sql, [userDeletedFact(id, wrongly)]);
        await applyFacts(sql, order.slice(0, before));
        await revive(sql, id);
        await applyFacts(sql, order.slice(before));
        await applyFacts(sql, order);
        const { revived_at: revivedAt, ...row } = await read(sql, id);
        assert.ok(revivedAt);
        rows.push(row);
      });
    }
  }
  assert.equal(rows.length, 8);
  for (const row of rows) {
    assert.deepEqual(row, {
      first_name: "Augusta",
      is_active: true,
      deleted_at: null,
      erased_at: null,
      deactivated_at: null,
    });
  }
});

Deno.test("a deletion after the revival counts, even in a batch with an older one", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    const later = future();
    await applyFacts(sql, [userFact(id), userDeletedFact(id, wrongly)]);
    await revive(sql, id);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, wrongly)]), ["stale"]);
    await applyFacts(sql, [userDeletedFact(id, wrongly), userDeletedFact(id, later)]);
    const row = await read(sql, id);
    assert.deepEqual([row.is_active, row.deleted_at.toISOString()], [false, later]);
  });
});

Deno.test("a revived user stays active when the same future deletion arrives again", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    const forged = userDeletedFact(id, future());
    await applyFacts(sql, [userFact(id), forged]);
    await revive(sql, id);
    assert.deepEqual(await applyFacts(sql, [forged]), ["stale"]);
    assert.equal((await read(sql, id)).is_active, true);
  });
});

Deno.test("revive_clerk_user() lets an erased row accept the next state", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, long), userDeletedFact(id, wrongly)]);
    await sql`select public.purge_deleted_users(interval '0')`;
    assert.ok((await read(sql, id)).erased_at);
    await revive(sql, id);
    assert.deepEqual(await applyFacts(sql, [userFact(id, long)]), ["updated"]);
    const row = await read(sql, id);
    assert.deepEqual([row.first_name, row.is_active, row.erased_at], ["Ada", true, null]);
  });
});

Deno.test("revive_clerk_user() leaves a user inactive if the application deactivated them", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    await sql`update public.users set is_active = false where clerk_id = ${id}`;
    await applyFacts(sql, [userDeletedFact(id, wrongly)]);
    await revive(sql, id);
    assert.equal((await read(sql, id)).is_active, false);
    await sql`update public.users set is_active = true where clerk_id = ${id}`;
    const row = await read(sql, id);
    assert.deepEqual([row.is_active, row.deactivated_at], [true, null]);
  });
});

Deno.test("memberships that ended with a revived user become active again with their next state", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const standing = async () => {
      const [row] = await sql`
        select is_active, deleted_at from public.organization_memberships
        where clerk_id = ${ids.clerk_id}
      `;
      return [row?.is_active, row?.deleted_at];
    };
    const membership = membershipFact(ids);
    await applyFacts(sql, [userFact(ids.user_clerk_id), membership]);
    await applyFacts(sql, [userDeletedFact(ids.user_clerk_id, wrongly)]);
    await revive(sql, ids.user_clerk_id);
    assert.deepEqual(await standing(), [false, null]);
    assert.deepEqual(await applyFacts(sql, [membership]), ["updated"]);
    assert.deepEqual(await standing(), [true, null]);
  });
});

Deno.test("a membership that ended before its user stays ended when the user is revived", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const left = "2026-01-03T00:00:00.000Z";
    await applyFacts(sql, [
      userFact(ids.user_clerk_id),
      { ...membershipFact(ids), kind: "membership_deleted", deleted_at: left },
    ]);
    await applyFacts(sql, [userDeletedFact(ids.user_clerk_id, wrongly)]);
    await revive(sql, ids.user_clerk_id);
    await applyFacts(sql, [membershipFact(ids)]);
    const [row] = await sql`
      select is_active, deleted_at from public.organization_memberships
      where clerk_id = ${ids.clerk_id}
    `;
    assert.deepEqual([row?.is_active, row?.deleted_at.toISOString()], [false, left]);
  });
});

Deno.test("revive_clerk_user() records who, when and why, and no purge removes the record", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id), userDeletedFact(id, wrongly)]);
    await become(sql, "service_role");
    await revive(sql, id, "  Support case 7  ");
    await sql`select public.purge_clerk_deliveries(interval '-1 day')`;
    const [entry, ...more] = await sql`
      select event_type, source, outcome, reason, actor, received_at = now() as now
      from public.clerk_deliveries where subject = ${id}
    `;
    assert.deepEqual({ ...entry }, {
      event_type: "user.revived",
      source: "operator",
      outcome: "revived",
      reason: "Support case 7",
      actor: "postgres as service_role",
      now: true,
    });
    assert.equal(more.length, 0);
  });
});

Deno.test("revive_clerk_user() does nothing to users who are unknown or not deleted", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    assert.equal(await revive(sql, id), false);
    assert.equal(await revive(sql, newClerkId()), false);
    assert.equal((await read(sql, id)).revived_at, null);
    const entries = await sql`select from public.clerk_deliveries where subject = ${id}`;
    assert.equal(entries.length, 0);
  });
});

Deno.test("revive_clerk_user() requires a reason, and only the service role may call it", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    assert.equal(await sqlState(sql, (savepoint) => revive(savepoint, id, "  ")), "22023");
    for (const role of ["anon", "authenticated"] as const) {
      await become(sql, role);
      assert.equal(await sqlState(sql, (savepoint) => revive(savepoint, id)), "42501");
    }
  });
});
