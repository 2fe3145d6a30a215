/**
 * Databases that people already have. Each is taken over and works, or is refused and left untouched.
 * `expected_ends.ts` says which.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { Sql } from "../support/database/connections.ts";
import { ends } from "./expected_ends.ts";
import { describeRights, findWaysAround } from "./prior_rights.ts";
import { assertKept, describeEverything, readRows } from "./prior_rows.ts";
import { automaticGrants } from "../support/stack/running_stack.ts";
import { readMigrations } from "../support/database/migrations.ts";
import { createScratchDatabases } from "../support/database/scratch_databases.ts";
import { listStates, migrate, readState, roles } from "./prior_state.ts";
import { startScratchApi } from "./scratch_api.ts";
import { liveThrough, lookAround, operate, purge } from "./whole_life.ts";

Deno.test("every prior state has an expected end", async () => {
  assert.deepEqual(Object.keys(ends).sort(), await listStates());
});

Deno.test({
  name: "a database that already has tables is taken over or refused",
  // These databases always have the rights of an older project, so a second stack would say the same.
  ignore: automaticGrants,
  fn: takeOverEveryState,
});

/** Migrates, and lives a whole life in what comes of it. */
async function takeOver(
  { name, sql }: { readonly name: string; readonly sql: Sql },
  freshRights: readonly unknown[],
): Promise<void> {
  const before = await readRows(sql);
  await migrate(sql);
  assertKept(before, await readRows(sql));
  assert.deepEqual(await describeRights(sql), freshRights);
  assert.deepEqual(await findWaysAround(sql), []);
  await using api = await startScratchApi(name);
  await liveThrough(api);
  await lookAround(api);
  await operate(sql);
  // A second migration changes nothing.
  const described = await describeRights(sql);
  await migrate(sql);
  assert.deepEqual(await describeRights(sql), described);
  await purge(api);
}

async function takeOverEveryState(test: Deno.TestContext) {
  await using databases = await createScratchDatabases(roles);
  const fresh = await databases.make();
  await using _fresh = fresh;
  await migrate(fresh.sql);
  const freshRights = await describeRights(fresh.sql);

  for (const [state, end] of Object.entries(ends)) {
    await test.step(state, async () => {
      await using database = await databases.make(await readState(state));
      const { sql } = database;
      if (end === "taken over") {
        await takeOver(database, freshRights);
        return;
      }
      const before = await describeEverything(sql);
      const message = await refusalOf(sql);
      assert.equal(await describeEverything(sql), before);
      const { obstacles, statements } = readRefusal(message);
      assert.deepEqual(
        obstacles.filter((text) => !end.refused.some((part) => text.includes(part))),
        [],
        message,
      );
      assert.equal(obstacles.length, end.refused.length, message);
      if (end.then !== "taken over") return;
      // The message's own statements resolve the obstacles.
      for (const statement of statements) await sql.unsafe(statement);
      await takeOver(database, freshRights);
    });
  }
}

Deno.test("no column of the application's takes the place of a name in our functions", async () => {
  const words = new Set((await readMigrations()).join("\n").match(/\b[a-z_][a-z0-9_]*\b/g));
  await using databases = await createScratchDatabases(roles);
  await using fresh = await databases.make();
  await migrate(fresh.sql);
  const freshRights = await describeRights(fresh.sql);
  const tables = ["users", "organizations", "organization_memberships"];
  const statements = await Promise.all(tables.map(async (table) => {
    const own = await fresh.sql`
      select attname as name from pg_attribute where attrelid = ${`public.${table}`}::regclass
    `;
    const taken = new Set(own.map(({ name }) => name));
    // Nobody's columns begin with p_ or v_, which is why our parameters and variables do.
    const columns = [...words].filter((word) => !taken.has(word) && !/^[pv]_/.test(word))
      .map((word) => `"${word}" text`);
    return `create table public.${table} (clerk_id text unique, ${columns.join(", ")})`;
  }));
  await using database = await databases.make(statements.join(";"));
  await takeOver(database, freshRights);
});

Deno.test("the preflight knows the type of every column that the migrations make", async () => {
  await using databases = await createScratchDatabases(roles);
  await using fresh = await databases.make();
  await migrate(fresh.sql);
  await using database = await databases.make();
  const columns = await fresh.sql`
    select c.relname as table, a.attname as column from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and a.attname <> 'id'
    where c.relnamespace = 'public'::regnamespace and c.relname ~ '^(users|organization)' and c.relkind = 'r'
  `;
  for (const table of ["users", "organizations", "organization_memberships"]) {
    await database.sql.unsafe(`create table public.${table} ()`);
  }
  for (const { table, column } of columns) {
    await database.sql.unsafe(`alter table public.${table} add column ${column} point`);
  }
  const { obstacles } = readRefusal(await refusalOf(database.sql));
  const unnamed = columns.filter(({ table, column }) =>
    !obstacles.some((text) => text.includes(` public.${table}: column ${column} is point `))
  );
  assert.deepEqual(unnamed, []);
});

Deno.test("the preflight knows the name of everything that the migrations make on a table", async () => {
  await using databases = await createScratchDatabases(roles);
  await using fresh = await databases.make();
  await migrate(fresh.sql);
  await using database = await databases.make();
  const { sql } = database;
  const names = await fresh.sql`
    with ours as (
      select c.oid, c.relname from pg_class as c
      where c.relnamespace = 'public'::regnamespace and c.relname ~ '^(users|organization|clerk_)' and c.relkind = 'r'
    )
    select o.relname as table, n.kind, n.name from ours as o
    cross join lateral (
      select 'constraint' as kind, k.conname as name from pg_constraint as k
      where k.conrelid = o.oid and k.contype in ('c', 'u') and k.conname !~ '_clerk_id_key$'
      union all
      select 'trigger', g.tgname from pg_trigger as g where g.tgrelid = o.oid and not g.tgisinternal
      union all
      select 'policy', p.polname from pg_policy as p where p.polrelid = o.oid
      union all
      select 'index', c.relname from pg_index as i join pg_class as c on c.oid = i.indexrelid
      where i.indrelid = o.oid and not exists (select from pg_constraint where conindid = c.oid)
    ) as n
    -- Other tables of these names are refused as a whole, but their indexes keep their names.
    where o.relname !~ '^clerk_' or n.kind = 'index'
  `;
  await sql.unsafe(`
    create function public.touch() returns trigger language plpgsql as 'begin return new; end';
    create table public.other (clerk_id text);
    create table public.users (clerk_id text unique);
    create table public.organizations (clerk_id text unique);
    create table public.organization_memberships (clerk_id text unique);
  `);
  for (const { table, kind, name } of names) {
    const on = `on public.${kind === "index" ? "other" : table}`;
    await sql.unsafe(
      {
        constraint: `alter table public.${table} add constraint "${name}" check (true)`,
        trigger:
          `create trigger "${name}" after update ${on} for each row execute function public.touch()`,
        policy: `create policy "${name}" ${on} for select to service_role using (true)`,
        index: `create index "${name}" ${on} (clerk_id)`,
      }[String(kind)] ?? "",
    );
  }
  const { obstacles } = readRefusal(await refusalOf(sql));
  const unnamed = names.filter(({ kind, name }) =>
    !obstacles.some((text) =>
      text.replaceAll('"', "").endsWith(`: ${kind} ${name} has the name of one of ours`)
    )
  );
  assert.ok(names.length > 40);
  assert.deepEqual(unnamed, []);
});

Deno.test("users read the application's columns only if they could before", async () => {
  await using databases = await createScratchDatabases(roles);
  const readable = async (state: string, column: string) => {
    await using database = await databases.make(await readState(state));
    if (ends[state] !== "taken over") {
      const { statements } = readRefusal(await refusalOf(database.sql));
      for (const statement of statements) await database.sql.unsafe(statement);
    }
    await migrate(database.sql);
    const [row] = await database.sql`
      select has_column_privilege('authenticated', 'public.users', ${column}, 'select') as readable
    `;
    return row?.readable;
  };
  assert.equal(await readable("own_columns_of_a_kept_policy", "bio"), true);
  assert.equal(await readable("secret_columns", "password_hash"), false);
  assert.equal(await readable("columns_of_policies_that_go", "tenant"), true);
  // The policy is for admins.
  assert.equal(await readable("secret_columns_of_a_kept_policy", "internal_notes"), false);
});

Deno.test("the application's own roles read and write as before", async () => {
  await using databases = await createScratchDatabases(roles);
  await using database = await databases.make(await readState("role_of_a_server"));
  const { sql } = database;
  await migrate(sql);
  await sql`insert into public.organizations (clerk_id) values ('org_1')`;
  await sql`grant prior_state_member, prior_state_owner to postgres`;
  await sql`set role prior_state_member`;
  assert.equal((await sql`select from public.users`).length, 2);
  assert.equal((await sql`select from public.organizations`).length, 0);
  await sql`insert into public.users (clerk_id) values ('user_3')`;
  assert.equal((await sql`update public.users set plan = 'pro' where true`).count, 3);
  await sql`set role prior_state_owner`;
  assert.equal((await sql`select clerk_id from public.users`).length, 3);
});

Deno.test("a function that hides its errors still does what it is for", async () => {
  await using databases = await createScratchDatabases(roles);
  await using database = await databases.make(await readState("trigger_hides_errors"));
  const { sql } = database;
  const { statements } = readRefusal(await refusalOf(sql));
  for (const statement of statements) await sql.unsafe(statement);
  await migrate(sql);
  await sql`
    select public.apply_clerk_facts('[{"kind":"user","clerk_id":"user_1","clerk_updated_at":"2026-01-01"}]')
  `;
  assert.equal((await sql`select from public.profiles`).length, 1);
});

Deno.test("schemas that were there already are not for everybody", async () => {
  await using databases = await createScratchDatabases(roles);
  await using database = await databases.make(await readState("schemas_granted"));
  await migrate(database.sql);
  const rights = await database.sql`
    select r.role || ' ' || r.schema || ' ' || p.name as right
    from (
      values ('anon', 'clerk_sync', 'usage'), ('authenticated', 'clerk_sync', 'usage'),
        ('anon', 'clerk_auth', 'create'), ('authenticated', 'clerk_auth', 'create')
    ) as r (role, schema, name)
    cross join lateral (values (r.name), ('create')) as p (name)
    where has_schema_privilege(r.role, r.schema, p.name)
  `;
  assert.deepEqual([...rights], []);
});

async function refusalOf(sql: Sql): Promise<string> {
  try {
    await migrate(sql);
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "55000") return error.message;
    throw error;
  }
  throw new Error("The state was not refused");
}

/** The obstacles that a refusal lists, and the first statement that resolves each. */
function readRefusal(message: string) {
  const lines = message.split("\n");
  return {
    obstacles: lines.filter((line) => /^\d+\. /.test(line)),
    statements: lines.filter((line) => line.startsWith("   ")).map((line) =>
      `${line.split(/;| or | \(as /)[0]}`.trim()
        .replace("NEW_NAME", `renamed_${crypto.randomUUID().slice(0, 8)}`)
        .replace("start with VALUE", "start with 1000")
        .replace("VALUE", "'00000000-0000-0000-0000-000000000001'")
        .replace(/alter column (\w+) type (.*) using …/, "rename column $1 to former_$1")
    ),
  };
}
