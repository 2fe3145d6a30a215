import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack, sqlState, withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";

async function read(sql: TransactionSql, clerkId: string) {
  const [row] = await sql`
    select u.*, u.xmin::text as xmin from public.users as u where clerk_id = ${clerkId}
  `;
  return row;
}

const before = "2026-01-01T00:00:00.000Z";
const early = "2026-01-02T00:00:00.000Z";
const late = "2026-01-03T00:00:00.000Z";

Deno.test("apply_clerk_facts() creates a new user's row with every column of the state", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    const fact = userFact(id, { phone: "+15550100", external_id: "e1", last_sign_in_at: early });
    assert.deepEqual(await applyFacts(sql, [fact]), ["created"]);
    const row = await read(sql, id);
    const { kind: _, ...columns } = fact;
    for (const [name, value] of Object.entries(columns)) {
      const stored = row?.[name];
      assert.deepEqual(stored instanceof Date ? stored.toISOString() : stored, value, name);
    }
    assert.equal(row?.is_active, true);
    assert.deepEqual(row?.metadata, {});
  });
});

const situations: Readonly<Record<string, (id: string) => readonly object[]>> = {
  "nothing": () => [],
  "the same state": (id) => [userFact(id)],
  "an older state": (id) => [userFact(id, { first_name: "Old", clerk_updated_at: before })],
  "a newer state": (id) => [userFact(id, { first_name: "New", clerk_updated_at: late })],
  "another state of the same time": (id) => [userFact(id, { first_name: "Zoe" })],
  "the user's deletion": (id) => [userDeletedFact(id, late)],
};

for (const [known, factsBefore] of Object.entries(situations)) {
  for (const type of ["user.created", "user.updated"]) {
    Deno.test(`a ${type} that comes alone, after ${known}, leaves what it would leave in a batch`, async () => {
      await rolledBack(async (sql) => {
        const alone = await leftBy(sql, type, factsBefore, () => []);
        const inBatch = await leftBy(sql, type, factsBefore, () => [userFact(newClerkId())]);
        assert.equal(alone.outcomes[1], "duplicate");
        assert.ok("row" in alone && "entry" in alone);
        assert.deepEqual(alone, inBatch);
      });
    });
  }
}

/** What a delivery that comes twice leaves, each time with others beside it. */
async function leftBy(
  sql: TransactionSql,
  type: string,
  factsBefore: (id: string) => readonly object[],
  others: () => readonly object[],
) {
  const id = newClerkId();
  const delivery = { id: crypto.randomUUID(), type, source: "webhook", occurred_at: early };
  const fact = { ...userFact(id), delivery };
  for (const one of factsBefore(id)) await applyFacts(sql, [one]);
  const [first] = await applyFacts(sql, [fact, ...others()]);
  const [second] = await applyFacts(sql, [fact, ...others()]);
  const [row] = await sql`
    select to_jsonb(u) - '{id,clerk_id,synced_at}'::text[] as row from public.users as u
    where clerk_id = ${id}
  `;
  const [entry] = await sql`
    select to_jsonb(c) - '{delivery_id,subject}'::text[] as entry
    from public.clerk_deliveries as c where delivery_id = ${delivery.id} and subject = ${id}
  `;
  return { outcomes: [first, second], ...row, ...entry };
}

Deno.test("apply_clerk_facts() keeps the newer state, even if it arrives first", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { first_name: "New", clerk_updated_at: late })]);
    const old = userFact(id, { first_name: "Old", clerk_updated_at: early });
    assert.deepEqual(await applyFacts(sql, [old]), ["stale"]);
    assert.equal((await read(sql, id))?.first_name, "New");
  });
});

Deno.test("apply_clerk_facts() picks the same one of two states with equal times, in either order", async () => {
  const names: string[] = [];
  for (const order of [["Ann", "Bea"], ["Bea", "Ann"]]) {
    await rolledBack(async (sql) => {
      const id = "user_tie";
      for (const name of order) await applyFacts(sql, [userFact(id, { first_name: name })]);
      names.push((await read(sql, id))?.first_name);
    });
  }
  assert.equal(names[0], names[1]);
});

Deno.test("apply_clerk_facts() picks the state with the later sign-in if two states have equal times", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { first_name: "Ann", last_sign_in_at: late })]);
    assert.deepEqual(await applyFacts(sql, [userFact(id, { first_name: "Zoe" })]), ["stale"]);
  });
});

Deno.test("apply_clerk_facts() does not touch a row that already shows the state", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    const before = await read(sql, id);
    assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["unchanged"]);
    assert.deepEqual(await read(sql, id), before);
  });
});

Deno.test("apply_clerk_facts() keeps a deleted user deleted when a newer state follows", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, late)]), ["updated"]);
    await applyFacts(sql, [userFact(id, { clerk_updated_at: "2027-01-01T00:00:00.000Z" })]);
    const row = await read(sql, id);
    assert.equal(row?.is_active, false);
    assert.equal(row?.deleted_at.toISOString(), late);
  });
});

Deno.test("apply_clerk_facts() leaves a tombstone if the deletion comes first", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, late)]), ["created"]);
    await applyFacts(sql, [userFact(id)]);
    assert.equal((await read(sql, id))?.is_active, false);
  });
});

Deno.test("apply_clerk_facts() keeps the earliest of several deletion times", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userDeletedFact(id, late), userDeletedFact(id, early)]);
    assert.equal((await read(sql, id))?.deleted_at.toISOString(), early);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, late)]), ["unchanged"]);
  });
});

Deno.test("apply_clerk_facts() never changes the application's own columns", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    await sql`update public.users set metadata = '{"theme":"dark"}', is_active = false where clerk_id = ${id}`;
    await applyFacts(sql, [userFact(id, { clerk_updated_at: late })]);
    const row = await read(sql, id);
    assert.deepEqual(row?.metadata, { theme: "dark" });
    assert.equal(row?.is_active, false, "a user deactivated by the application stays deactivated");
  });
});

Deno.test("apply_clerk_facts() distinguishes a batch's new facts from known ones", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    const outcomes = await applyFacts(sql, [userFact(id), userDeletedFact(id, late)]);
    assert.deepEqual(outcomes, ["unchanged", "updated"]);
  });
});

Deno.test("apply_clerk_facts() keeps a deleted user's profile, even if the row was added by hand", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await sql`insert into public.users (clerk_id, first_name) values (${id}, 'Ada')`;
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, late)]), ["updated"]);
    const row = await read(sql, id);
    assert.equal(row?.first_name, "Ada");
    assert.equal(row?.is_active, false);
  });
});

Deno.test("apply_clerk_facts() applies 500 facts at once, some of them about the same user", async () => {
  await rolledBack(async (sql) => {
    const ids = Array.from({ length: 250 }, newClerkId);
    const facts = ids.flatMap((id) => [
      userFact(id, { first_name: "New", clerk_updated_at: late }),
      userFact(id, { first_name: "Old", clerk_updated_at: early }),
    ]);
    const outcomes = await applyFacts(sql, facts);
    assert.deepEqual(outcomes, ids.flatMap(() => ["created", "stale"]));
    const [count] = await sql`
      select count(*)::int from public.users where clerk_id in ${sql(ids)} and first_name = 'New'
    `;
    assert.equal(count?.count, 250);
  });
});

Deno.test("apply_clerk_facts() rejects facts that cannot be applied and applies the rest", async () => {
  await rolledBack(async (sql) => {
    const [first, last] = [newClerkId(), newClerkId()];
    const outcomes = await applyFacts(sql, [
      userFact(first),
      { ...userFact(newClerkId()), clerk_updated_at: "not a time" },
      { ...userFact(newClerkId()), clerk_updated_at: "infinity" },
      { ...userFact(newClerkId()), email: null, email_verified: true },
      { kind: "user" },
      { kind: "elephant", clerk_id: "x" },
      7,
      { kind: "user_deleted", clerk_id: newClerkId() },
      userFact(last),
    ]);
    const rejected = Array.from({ length: 7 }, () => "rejected");
    assert.deepEqual(outcomes, ["created", ...rejected, "created"]);
  });
});

Deno.test("apply_clerk_facts() gives SQLSTATE and constraint as the reason of a rejection, never a value", async () => {
  await rolledBack(async (sql) => {
    const fact = { ...userFact(newClerkId()), email: null, email_verified: true };
    const [item] = await sql`
      select reason from public.apply_clerk_facts(${JSON.stringify([fact])}::text::jsonb)
    `;
    assert.equal(item?.reason, "23514 users users_verified_has_email");
  });
});

Deno.test("apply_clerk_facts() returns each user's current row when asked to", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { first_name: "New", clerk_updated_at: late })]);
    const [item] = await sql`
      select outcome, "user" from public.apply_clerk_facts(
        ${JSON.stringify([userFact(id, { first_name: "Old" })])}::text::jsonb, true
      )
    `;
    assert.equal(item?.outcome, "stale");
    assert.equal(item?.user.first_name, "New");
    assert.equal(item?.user.clerk_updated_at, "2026-01-03T00:00:00+00:00");
  });
});

Deno.test("apply_clerk_facts() and find_clerk_users() show only the columns that the user may read", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await sql`alter table public.users add column risk_note text default 'watch out'`;
    await sql`alter table public.users add column nickname text default 'Countess'`;
    await sql`revoke select on public.users from authenticated`;
    await sql`grant select (id, clerk_id, nickname) on public.users to authenticated`;
    await become(sql, "service_role");
    const facts = JSON.stringify([userFact(id)]);
    const [written] = await sql`
      select "user", active from public.apply_clerk_facts(${facts}::text::jsonb, true)
    `;
    const [found] = await sql`select "user", active from public.find_clerk_users(array[${id}])`;
    for (const answer of [written, found]) {
      assert.deepEqual(Object.keys(answer?.user).sort(), ["clerk_id", "id", "nickname"]);
      assert.equal(answer?.active, true);
    }
  });
});

Deno.test("a user is active unless deactivated or banned, and null counts as inactive", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    await sql`alter table public.users alter column is_active drop not null`;
    const active = async (change: string) => {
      await sql.unsafe(`update public.users set ${change} where clerk_id = '${id}'`);
      const [found] = await sql`select active from public.find_clerk_users(array[${id}])`;
      return found?.active;
    };
    assert.equal(await active("banned = true"), false);
    assert.equal(await active("banned = false"), true);
    assert.equal(await active("is_active = null"), false);
    assert.equal(await active("is_active = true"), true);
    assert.equal(await active("is_active = false"), false);
  });
});

Deno.test("apply_clerk_facts() has no outcome for an empty batch", async () => {
  await rolledBack(async (sql) => {
    assert.deepEqual(await applyFacts(sql, []), []);
  });
});

Deno.test("apply_clerk_facts() refuses anything but an array", async () => {
  await rolledBack(async (sql) => {
    const state = await sqlState(
      sql,
      (savepoint) => savepoint`select * from public.apply_clerk_facts('{}'::jsonb)`,
    );
    assert.equal(state, "22023");
  });
});

Deno.test("apply_clerk_facts() reads no more rows than the batch needs, even with a plan made for an empty table", async () => {
  await rolledBack(async (sql) => {
    const scanned = async () => {
      const [row] = await sql`
        select seq_tup_read::int as seq, idx_tup_fetch::int as idx
        from pg_stat_xact_user_tables where relid = 'public.users'::regclass
      `;
      return Number(row?.seq) + Number(row?.idx);
    };
    // PostgreSQL reuses a plan from the sixth call on.
    for (let time = 0; time < 8; time++) await applyFacts(sql, [userFact("user_0")]);
    await applyFacts(sql, Array.from({ length: 2_000 }, (_, index) => userFact(`user_${index}`)));
    const before = await scanned();
    await applyFacts(sql, [userFact("user_7", { first_name: "New", clerk_updated_at: late })]);
    assert.ok(await scanned() - before < 10, `${await scanned() - before} rows read for one fact`);
  });
});

Deno.test("apply_clerk_facts() gives up after waiting 4 s for a locked row", async () => {
  const id = newClerkId();
  await withSql(async (sql) => {
    await sql`insert into public.users (clerk_id) values (${id})`;
    await sql.begin(async (holder) => {
      await holder`select from public.users where clerk_id = ${id} for update`;
      await rolledBack(async (waiter) => {
        const lockNotAvailable = "55P03";
        assert.equal(
          await sqlState(waiter, (savepoint) => applyFacts(savepoint, [userFact(id)])),
          lockNotAvailable,
        );
      });
    });
    await sql`delete from public.users where clerk_id = ${id}`;
  });
});
