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

const newer = { clerk_updated_at: "2026-01-09T00:00:00.000Z", first_name: "Augusta" };

async function idOf(sql: TransactionSql, clerkId: string): Promise<string> {
  const [row] = await sql`select id from public.users where clerk_id = ${clerkId}`;
  return String(row?.id);
}

async function link(sql: TransactionSql, id: string, clerkId: string, reason = "Moved to live") {
  const [row] = await sql`select public.link_clerk_user(${id}, ${clerkId}, ${reason}) as linked`;
  return row?.linked;
}

async function read(sql: TransactionSql, clerkId: string) {
  const [row] = await sql`
    select id, first_name, metadata, is_active, deleted_at is not null as deleted
    from public.users where clerk_id = ${clerkId}
  `;
  return row && { ...row };
}

Deno.test("link_clerk_user() gives a row another Clerk id, and keeps its id and metadata", async () => {
  await rolledBack(async (sql) => {
    const [old, next] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(old)]);
    await sql`update public.users set metadata = '{"plan":"pro"}' where clerk_id = ${old}`;
    const id = await idOf(sql, old);
    assert.equal(await link(sql, id, next), true);
    assert.equal(await link(sql, id, next), false);
    // The other instance's clock need not be later than the old one's.
    const state = userFact(next, {
      clerk_updated_at: "2025-01-01T00:00:00.000Z",
      first_name: "Ada II",
    });
    assert.deepEqual(await applyFacts(sql, [state]), ["updated"]);
    assert.deepEqual(await read(sql, next), {
      id,
      first_name: "Ada II",
      metadata: { plan: "pro" },
      is_active: true,
      deleted: false,
    });
  });
});

Deno.test("late events of the old Clerk id make no second active row", async () => {
  await rolledBack(async (sql) => {
    const [old, next] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(old)]);
    await link(sql, await idOf(sql, old), next);
    await applyFacts(sql, [userFact(old, newer)]);
    assert.equal((await read(sql, old))?.is_active, false);
    assert.equal((await read(sql, next))?.is_active, true);
  });
});

Deno.test("the old Clerk id's memberships end, since they belong to the old instance", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    await applyFacts(sql, [userFact(ids.user_clerk_id), membershipFact(ids)]);
    await link(sql, await idOf(sql, ids.user_clerk_id), newClerkId());
    const [row] = await sql`
      select is_active from public.organization_memberships where clerk_id = ${ids.clerk_id}
    `;
    assert.equal(row?.is_active, false);
  });
});

Deno.test("a row that the new Clerk id has already is merged into the one that stays", async () => {
  await rolledBack(async (sql) => {
    const [old, next] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(old), userFact(next, newer)]);
    const id = await idOf(sql, old);
    assert.equal(await link(sql, id, next), true);
    const row = await read(sql, next);
    assert.deepEqual([row?.id, row?.first_name, row?.is_active], [id, "Augusta", true]);
  });
});

Deno.test("a user whom the application has deactivated stays so, whichever of the two rows says it", async () => {
  for (const which of [0, 1]) {
    await rolledBack(async (sql) => {
      const ids = [newClerkId(), newClerkId()] as const;
      await applyFacts(sql, ids.map((id) => userFact(id)));
      await sql`update public.users set is_active = false where clerk_id = ${ids[which] ?? ""}`;
      assert.equal(await link(sql, await idOf(sql, ids[0]), ids[1]), true);
      const [row] = await sql`
        select is_active, deactivated_at is not null as deactivated from public.users where clerk_id = ${
        ids[1]
      }
      `;
      assert.deepEqual({ ...row }, { is_active: false, deactivated: true });
      await applyFacts(sql, [userFact(ids[1], newer)]);
      assert.equal((await read(sql, ids[1]))?.is_active, false);
    });
  }
});

Deno.test("nothing changes if the table takes no deleted user, or not the new user's state", async () => {
  const checks = [
    "check (email is not null or deleted_at is null)",
    "check (first_name is distinct from 'Augusta' or clerk_updated_at is null)",
  ];
  for (const check of checks) {
    await rolledBack(async (sql) => {
      const [old, next] = [newClerkId(), newClerkId()];
      await applyFacts(sql, [userFact(old), userFact(next, newer)]);
      await sql.unsafe(
        `alter table public.users add constraint application_check ${check} not valid`,
      );
      const id = await idOf(sql, old);
      const error = await sql.savepoint((sql) => link(sql, id, next)).catch((error) => error);
      assert.match(String(error), /does not take what linking has to write \(.*application_check/);
      assert.equal(await idOf(sql, old), id);
    });
  }
});

Deno.test("nothing changes if the application has data for the row that would go", async () => {
  await rolledBack(async (sql) => {
    const [old, next, noted] = [newClerkId(), newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(old), userFact(next), userFact(noted)]);
    await sql.unsafe(
      "create table public.application_notes (user_id uuid references public.users (id) on delete cascade)",
    );
    await sql`
      insert into public.application_notes select id from public.users where clerk_id = ${noted}
    `;
    await sql`update public.users set metadata = '{"plan":"pro"}' where clerk_id = ${next}`;
    const id = await idOf(sql, old);
    for (const other of [next, noted]) {
      assert.equal(await sqlState(sql, (sql) => link(sql, id, other)), "55006");
    }
    const message = await sql.savepoint((sql) => link(sql, id, noted)).catch(String);
    assert.match(String(message), /data for it in (public\.)?application_notes/);
    assert.equal(await idOf(sql, old), id);
    const [kept] = await sql`select count(*)::int as notes from public.application_notes`;
    assert.equal(kept?.notes, 1);
  });
});

Deno.test("a row that never was Clerk's leaves no deleted user behind", async () => {
  await rolledBack(async (sql) => {
    const [placeholder, next] = [newClerkId(), newClerkId()];
    await sql`insert into public.users (clerk_id, email) values (${placeholder}, 'ada@example.com')`;
    assert.equal(await link(sql, await idOf(sql, placeholder), next), true);
    assert.equal(await read(sql, placeholder), undefined);
  });
});

Deno.test("link_clerk_user() records who did it, when and why", async () => {
  await rolledBack(async (sql) => {
    const [old, next] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(old)]);
    const id = await idOf(sql, old);
    await become(sql, "service_role");
    await link(sql, id, next, " Moved to live ");
    const [entry] = await sql`
      select event_type, source, outcome, reason, actor from public.clerk_deliveries where subject = ${next}
    `;
    assert.deepEqual({ ...entry }, {
      event_type: "user.linked",
      source: "operator",
      outcome: "linked",
      reason: `was ${old}: Moved to live`,
      actor: "postgres as service_role",
    });
  });
});

Deno.test("link_clerk_user() refuses deleted users, unknown rows, other ids and an empty reason", async () => {
  await rolledBack(async (sql) => {
    const [old, gone] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [
      userFact(old),
      userFact(gone),
      userDeletedFact(gone, "2026-01-05T00:00:00Z"),
    ]);
    const [id, goneId] = [await idOf(sql, old), await idOf(sql, gone)];
    const refused = (...[target, next, why]: [string, string, string?]) =>
      sqlState(sql, (sql) => link(sql, target, next, why));
    assert.equal(await refused(goneId, newClerkId()), "55000");
    assert.equal(await refused(id, gone), "55000");
    assert.equal(await refused(crypto.randomUUID(), newClerkId()), "P0002");
    assert.equal(await refused(id, "org_1"), "22023");
    assert.equal(await refused(id, newClerkId(), " "), "22023");
  });
});
