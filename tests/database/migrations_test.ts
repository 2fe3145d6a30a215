import assert from "node:assert/strict";
import { type Sql, withEmptyDatabase, withSql } from "../support/database/connections.ts";
import {
  describeSchema,
  readMigrations,
  schemas,
  splitStatements,
} from "../support/database/migrations.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

async function applyLikePsql(sql: Sql): Promise<void> {
  // One session for all files, because settings and temporary functions belong to a session.
  const session = await sql.reserve();
  try {
    for (const text of await readMigrations()) {
      for (const statement of splitStatements(text)) await session.unsafe(statement);
    }
  } finally {
    session.release();
  }
}

/** The SQL editor sends a file as one message, which PostgreSQL runs as one transaction. */
async function applyLikeSqlEditor(sql: Sql): Promise<void> {
  for (const text of await readMigrations()) await sql.unsafe(text);
}

/** Every row of every table, and the transaction that wrote it. */
function readEverything(sql: Sql) {
  const tables = [
    "users",
    "organizations",
    "organization_memberships",
    "clerk_deliveries",
    "clerk_sync_runs",
  ];
  return Promise.all(
    tables.map((table) =>
      sql`select t.*, t.xmin::text as xmin from ${sql(`public.${table}`)} as t`
    ),
  );
}

Deno.test("migrations make the same schema with psql and with the Supabase CLI", async () => {
  const pushed = await withSql(describeSchema);
  await withEmptyDatabase(async (sql) => {
    await applyLikePsql(sql);
    assert.equal(await describeSchema(sql), pushed);
  });
});

Deno.test("migrations make the same schema in the SQL editor and with the Supabase CLI", async () => {
  const pushed = await withSql(describeSchema);
  await withEmptyDatabase(async (sql) => {
    await applyLikeSqlEditor(sql);
    assert.equal(await describeSchema(sql), pushed);
  });
});

Deno.test("migrations change neither schema nor rows when they run a second time", async () => {
  await withEmptyDatabase(async (sql) => {
    await applyLikePsql(sql);
    await sql.unsafe(`
      insert into public.users (clerk_id, email, metadata) values ('user_1', 'a@example.com', '{"plan":1}');
      insert into public.organizations (clerk_id, name, metadata) values ('org_1', 'A', '{"plan":1}');
      insert into public.organization_memberships (clerk_id, organization_clerk_id, user_clerk_id, role)
      values ('orgmem_1', 'org_1', 'user_1', 'org:admin');
      insert into public.clerk_deliveries (delivery_id, outcome) values ('msg_1', 'created');
      insert into public.clerk_sync_runs (kind, repairs, holder, held_until)
      values ('full', false, gen_random_uuid(), now());
    `);
    const schema = await describeSchema(sql);
    const rows = await readEverything(sql);
    assert.deepEqual(rows.map((table) => table.length), [1, 1, 1, 1, 1]);
    await applyLikePsql(sql);
    await applyLikeSqlEditor(sql);
    assert.equal(await describeSchema(sql), schema);
    assert.deepEqual(await readEverything(sql), rows);
  });
});

Deno.test("migrations complete a users table from a tutorial, and keep its rows", async () => {
  await withEmptyDatabase(async (sql) => {
    await sql.unsafe(`
      create schema if not exists ${tableSchema};
      create table public.users (
        id uuid default gen_random_uuid() primary key,
        clerk_id text unique not null,
        email text not null,
        first_name text,
        last_name text,
        username text,
        image_url text,
        is_active boolean default true,
        metadata jsonb default '{}',
        created_at timestamptz default now(),
        updated_at timestamptz default now()
      );
      insert into public.users (clerk_id, email, metadata) values ('user_1', 'a@example.com', '{"plan":1}');
    `);
    await applyLikePsql(sql);
    const state = {
      kind: "user",
      clerk_id: "user_1",
      email: null,
      clerk_updated_at: "2026-01-01T00:00:00Z",
    };
    const [applied] = await sql`select outcome from public.apply_clerk_facts(${sql.json([state])})`;
    assert.equal(applied?.outcome, "updated");
    const [row] = await sql`select email, metadata, is_active from public.users`;
    assert.deepEqual({ ...row }, { email: null, metadata: { plan: 1 }, is_active: true });
  });
});

Deno.test("the schema has a comment on every table, column, function, type and schema", async () => {
  await withSql(async (sql) => {
    const bare = await sql`
      select format('%s.%s', c.oid::regclass, a.attname) as name
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace::regnamespace::text = any(${schemas}) and c.relkind = 'r' and col_description(c.oid, a.attnum) is null
      union all
      select c.oid::regclass::text from pg_class as c
      where c.relnamespace::regnamespace::text = any(${schemas}) and c.relkind = 'r' and obj_description(c.oid) is null
      union all
      select p.oid::regprocedure::text from pg_proc as p
      where p.pronamespace::regnamespace::text = any(${schemas}) and obj_description(p.oid) is null
      union all
      select t.oid::regtype::text from pg_type as t join pg_class as c on c.oid = t.typrelid and c.relkind = 'c'
      where t.typnamespace::regnamespace::text = any(${schemas}) and obj_description(t.oid) is null
      union all
      select n.nspname from pg_namespace as n
      where n.nspname::text = any(${schemas}) and n.nspname <> ${tableSchema}
        and obj_description(n.oid) is null
    `;
    assert.deepEqual(bare.map((row) => row.name), []);
  });
});

Deno.test("the schema has Row Level Security on every table and a fixed search path on every function", async () => {
  await withSql(async (sql) => {
    const open = await sql`
      select c.oid::regclass::text as name from pg_class as c
      where c.relnamespace::regnamespace::text = any(${schemas}) and c.relkind = 'r' and not c.relrowsecurity
      union all
      select p.oid::regprocedure::text from pg_proc as p
      where p.pronamespace::regnamespace::text = any(${schemas})
        and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']
      union all
      select p.oid::regprocedure::text from pg_proc as p
      where p.pronamespace::regnamespace::text = any(${schemas})
        and has_function_privilege('public', p.oid, 'execute')
    `;
    assert.deepEqual(open.map((row) => row.name), []);
  });
});
