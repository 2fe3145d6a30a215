/** examples/people.sql: an application's own table, filled from Clerk's users. */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { eventually } from "../../local/once/steps.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack, type Sql, withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

const example = await Deno.readTextFile(new URL("../../examples/people.sql", import.meta.url));

/** Runs with the example in a database without users, within a transaction that is undone. */
async function withExample(run: (sql: TransactionSql) => Promise<void>): Promise<void> {
  await rolledBack(async (sql) => {
    await sql`delete from public.users`;
    await sql.unsafe(example);
    await run(sql);
  });
}

/** Runs with the example visible to several transactions, for users with these ids. */
async function withSharedExample(
  ids: readonly string[],
  run: (sql: Sql) => Promise<void>,
): Promise<void> {
  await withSql(async (sql) => {
    try {
      await sql.unsafe(example);
      await run(sql);
    } finally {
      await sql.unsafe(`
        drop trigger if exists feed_people on public.users;
        drop function if exists public.feed_people(), public.repair_people();
        drop function if exists public.write_person(public.users);
        drop table if exists public.people, public.people_failures;
        notify pgrst, 'reload schema'`);
      await sql`delete from public.users where clerk_id in ${sql(ids)}`;
    }
  });
}

async function people(sql: TransactionSql) {
  const rows = await sql`
    select u.clerk_id, p.display_name, p.email, p.left_at is not null as gone
    from public.people as p join public.users as u on u.id = p.user_id
    order by u.clerk_id
  `;
  return rows.map((row) => ({ ...row }));
}

const later = "2026-01-03T00:00:00.000Z";

Deno.test("examples/people.sql: a person follows the user through changes and deletion", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await become(sql, "service_role");
    await applyFacts(sql, [userFact(id)]);
    const ada = { clerk_id: id, display_name: "Ada Lovelace", email: "ada@example.com" };
    assert.deepEqual(await people(sql), [{ ...ada, gone: false }]);
    await applyFacts(sql, [userFact(id, { last_name: "Byron", clerk_updated_at: later })]);
    assert.deepEqual(await people(sql), [{ ...ada, display_name: "Ada Byron", gone: false }]);
    await applyFacts(sql, [userDeletedFact(id, later)]);
    assert.deepEqual(await people(sql), [
      { ...ada, display_name: "Ada Byron", email: null, gone: true },
    ]);
  });
});

Deno.test("examples/people.sql: a person refused by the application's table is noted, and the user is still synchronised", async () => {
  await withExample(async (sql) => {
    const [first, second] = [newClerkId(), newClerkId()];
    await become(sql, "service_role");
    // Addresses are unique in the application's table, but not among Clerk's users.
    assert.deepEqual(await applyFacts(sql, [userFact(first), userFact(second)]), [
      "created",
      "created",
    ]);
    assert.equal((await people(sql)).length, 1);
    const failures = await sql`select sqlstate, constraint_name from public.people_failures`;
    assert.deepEqual(failures.map((row) => ({ ...row })), [
      { sqlstate: "23505", constraint_name: "people_email_key" },
    ]);
    const [left] = await sql`select public.repair_people()::int as failing`;
    assert.equal(left?.failing, 1);
    await sql`update public.people set email = null`;
    const [repaired] = await sql`select public.repair_people()::int as failing`;
    assert.equal(repaired?.failing, 0);
    assert.equal((await people(sql)).length, 2);
  });
});

Deno.test("examples/people.sql: synchronisation goes on even without the table of notes", async () => {
  await withExample(async (sql) => {
    await sql`drop table public.people, public.people_failures`;
    await become(sql, "service_role");
    const id = newClerkId();
    assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["created"]);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, later)]), ["updated"]);
  });
});

Deno.test("examples/people.sql: a failed assertion in the application's trigger is noted too", async () => {
  await withExample(async (sql) => {
    await sql.unsafe(`
      create function public.assert_nothing() returns trigger language plpgsql as
        $$ begin assert false, 'nobody'; end $$;
      create trigger assert_nothing before insert on public.people
        for each row execute function public.assert_nothing();
    `);
    await become(sql, "service_role");
    assert.deepEqual(await applyFacts(sql, [userFact(newClerkId())]), ["created"]);
    const failures = await sql`select sqlstate from public.people_failures`;
    assert.deepEqual(failures.map(({ sqlstate }) => sqlstate), ["P0004"]);
  });
});

Deno.test("examples/people.sql: repair_people() catches up on a change that could not be noted", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    // Pretends that the user's last change came in an earlier transaction, as it would outside this test.
    await sql`update public.people set user_updated_at = '2026-01-01'`;
    await sql`alter table public.people add constraint people_no_byron check (display_name !~ 'Byron')`;
    await sql`alter table public.people_failures rename to people_failures_away`;
    await applyFacts(sql, [userFact(id, { last_name: "Byron", clerk_updated_at: later })]);
    await sql`alter table public.people_failures_away rename to people_failures`;
    await sql`alter table public.people drop constraint people_no_byron`;
    const [repaired] = await sql`select public.repair_people()::int as failing`;
    assert.equal(repaired?.failing, 0);
    assert.deepEqual((await people(sql)).map((person) => person.display_name), ["Ada Byron"]);
  });
});

Deno.test("examples/people.sql: a batch does not wait for a table that a migration has locked", async () => {
  const ids = Array.from({ length: 50 }, newClerkId);
  await withSharedExample(ids, async (sql) => {
    await sql.begin(async (holder) => {
      await holder`lock table public.people in access exclusive mode`;
      // The migration waits for nobody and ends only after the batch.
      await sql.begin(async (writer) => {
        await become(writer, "service_role");
        await writer`set local statement_timeout = '5s'`;
        const facts = ids.map((id) => userFact(id, { email: `${id}@example.com` }));
        assert.deepEqual(new Set(await applyFacts(writer, facts)), new Set(["created"]));
      });
    });
    const failures = await sql`
      select distinct f.sqlstate from public.people_failures as f
      join public.users as u on u.id = f.user_id where u.clerk_id in ${sql(ids)}
    `;
    assert.deepEqual(failures.map(({ sqlstate }) => sqlstate), ["55P03"]);
  });
});

Deno.test("examples/people.sql: earlier users get their people, but tombstones get none", async () => {
  await rolledBack(async (sql) => {
    await sql`delete from public.users`;
    const [known, gone] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(known), userDeletedFact(gone, later)]);
    await sql.unsafe(example);
    assert.deepEqual((await people(sql)).map(({ clerk_id: id }) => id), [known]);
  });
});

Deno.test("examples/people.sql: an erased user's person shows no personal data", async () => {
  await withExample(async (sql) => {
    await become(sql, "service_role");
    const id = newClerkId();
    await applyFacts(sql, [userFact(id), userDeletedFact(id, later)]);
    await sql`select public.purge_deleted_users('0')`;
    assert.deepEqual(await people(sql), [
      { clerk_id: id, display_name: "Somebody", email: null, gone: true },
    ]);
  });
});

Deno.test("examples/people.sql: an application's own users are fed, and keep their rows and columns", async () => {
  // As examples/README.md says. Beside our tables in public, the application's are in another schema.
  const own = `${tableSchema === "public" ? "app" : "public"}."users"`;
  const createTable = /create table public\.people \([\s\S]*?\n\);/;
  assert.match(example, createTable);
  const adapted = example
    .replace(
      createTable,
      `alter table public.people
        add column user_id uuid unique, add column left_at timestamptz, add column user_updated_at timestamptz;
      update public.people as p set user_id = u.id from public.users as u where u.clerk_id = p.clerk_id;`,
    )
    .replace(/public\.people\b/g, own);
  await rolledBack(async (sql) => {
    await sql`delete from public.users`;
    const [known, fresh] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(known)]);
    await sql.unsafe(`
      create schema if not exists app;
      create table ${own} (
        id bigint primary key generated always as identity, clerk_id text, display_name text not null,
        email text unique, nickname text
      );
      insert into ${own} (clerk_id, display_name, nickname) values ('${known}', 'A. L.', 'Countess'), (null, 'Bot', 'Robo');
    `);
    await sql.unsafe(adapted);
    await become(sql, "service_role");
    await applyFacts(sql, [
      userFact(fresh, { first_name: "Grace", last_name: "Hopper", email: "grace@example.com" }),
      userDeletedFact(known, later),
    ]);
    await sql`reset role`;
    const rows = await sql.unsafe(`
      select display_name, email, nickname, left_at is not null as gone from ${own} order by id`);
    assert.deepEqual(rows.map((row) => Object.values(row)), [
      ["Ada Lovelace", null, "Countess", true],
      ["Bot", null, "Robo", false],
      ["Grace Hopper", "grace@example.com", null, false],
    ]);
    assert.deepEqual([...await sql`select from public.people_failures`], []);
  });
});

Deno.test("examples/people.sql: repair_people() waits for other writers of a user, and writes the newer state", async () => {
  const id = newClerkId();
  const ada = userFact(id, { email: `${id}@example.com` });
  await withSharedExample([id], async (sql) => {
    await sql.begin((writer) => applyFacts(writer, [ada]));
    await sql`delete from public.people`;
    let repair: Promise<unknown> | undefined;
    await sql.begin(async (writer) => {
      await applyFacts(writer, [{ ...ada, last_name: "Byron", clerk_updated_at: later }]);
      await writer`delete from public.people`;
      repair = withSql((other) => other`select public.repair_people()`);
      await waitsForLock(sql);
    });
    await repair;
    const [person] = await sql`select display_name from public.people as p
      join public.users as u on u.id = p.user_id where u.clerk_id = ${id}`;
    assert.equal(person?.display_name, "Ada Byron");
  });
});

/** Waits until the repair waits for a lock, or ends without waiting. */
async function waitsForLock(sql: Sql): Promise<void> {
  await eventually(async () => {
    const [found] = await sql`
      select from pg_stat_activity where query like '%repair_people()%' and wait_event_type = 'Lock'
        and pid <> pg_backend_pid()
    `;
    return found ? true : undefined;
  }, "The repair does not wait for the user's lock");
}
