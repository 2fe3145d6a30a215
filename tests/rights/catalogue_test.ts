/** The same from the catalogue: what the API could never show, because no request asks for it. */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { become, connect, rolledBack, sqlState } from "../database/database.ts";
import { readFunctions } from "./catalogue.ts";
import { functions, internalFunctions, tables } from "./expected.ts";

const sql = connect();
Deno.test.afterAll(() => sql.end());

const apiRoles = ["anon", "authenticated", "service_role"] as const;
/** `public` is PostgreSQL's word for everybody; authenticator is who PostgREST logs in as. */
const everyRole = ["public", "authenticator", ...apiRoles];

/** Rights that a role has on a whole table. */
const tableRights: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  users: { authenticated: ["select"], service_role: ["select", "insert", "update", "delete"] },
  clerk_deliveries: { service_role: ["select", "insert", "update", "delete"] },
};

const finished = "(select auth.jwt()) ->> 'sts' is distinct from 'pending'";
const ownActiveRow = `(clerk_id = (select auth.jwt()) ->> 'sub' and is_active)`;

/** By name: on what, for what, to whom; which rows may be seen and which may be written. */
const policies: Readonly<Record<string, readonly (string | null)[]>> = {
  "The service role keeps the ledger": ["clerk_deliveries", "ALL service_role", "true", "true"],
  "Sessions with pending tasks see nothing": [
    "users",
    "RESTRICTIVE ALL authenticated",
    finished,
    null,
  ],
  "Users read their own active row": ["users", "SELECT authenticated", ownActiveRow, null],
  "Users update their own active row": [
    "users",
    "UPDATE authenticated",
    ownActiveRow,
    ownActiveRow,
  ],
};

/** An expression as we write it: PostgreSQL gives it back with casts, aliases and parentheses of its own. */
function plain(expression: string | null): string | null {
  return expression?.replaceAll(/::text|AS jwt|[()\s]/g, "").toLowerCase() ?? null;
}

Deno.test("No role has a right on a table but those that are listed", async () => {
  const rights = [
    "select",
    "insert",
    "update",
    "delete",
    "truncate",
    "references",
    "trigger",
    "maintain",
  ];
  for (const table of Object.keys(tables)) {
    for (const role of everyRole) {
      const [row] = await sql`
        select array(
          select r from unnest(${rights}::text[]) with ordinality as a (r, position)
          where has_table_privilege(${role}, ${`public.${table}`}, r) order by position
        ) as held
      `;
      assert.deepEqual(row?.held, tableRights[table]?.[role] ?? [], `${role} on ${table}`);
    }
  }
});

Deno.test("No role has a right on a column but those that are listed", async () => {
  for (const [table, { columns }] of Object.entries(tables)) {
    for (const role of everyRole) {
      const rows = await sql`
        select a.attname as name, concat(
          case when has_column_privilege(${role}, a.attrelid, a.attnum, 'select') then 'r' end,
          case when has_column_privilege(${role}, a.attrelid, a.attnum, 'update') then 'w' end,
          case when has_column_privilege(${role}, a.attrelid, a.attnum, 'insert') then 'i' end,
          case when has_column_privilege(${role}, a.attrelid, a.attnum, 'references') then 'x' end
        ) as rights
        from pg_attribute as a
        where a.attrelid = ${`public.${table}`}::regclass and a.attnum > 0 and not a.attisdropped
      `;
      const expected = (column: string) => {
        if (role === "service_role") return "rwi";
        return role === "authenticated" ? columns[column] : "";
      };
      for (const { name, rights } of rows) {
        assert.equal(rights, expected(String(name)), `${role} on ${table}.${name}`);
      }
    }
  }
});

Deno.test("Every table has Row Level Security, with the policies that are listed", async () => {
  const open = await sql`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text in ('public', 'clerk_sync')
      and relkind in ('r', 'p') and not relrowsecurity
  `;
  assert.deepEqual(open.map(({ name }) => name), []);
  const found = await sql`
    select policyname as name, tablename as table,
      concat_ws(' ', nullif(permissive, 'PERMISSIVE'), cmd, array_to_string(roles, ' ')) as use,
      qual, with_check
    from pg_policies where schemaname in ('public', 'clerk_sync')
  `;
  assert.deepEqual(
    Object.fromEntries(
      found.map((
        { name, table, use, qual, with_check: check },
      ) => [name, [table, use, plain(qual), plain(check)]]),
    ),
    Object.fromEntries(
      Object.entries(policies).map((
        [name, [table, use, qual, check]],
      ) => [name, [table, use, plain(qual ?? null), plain(check ?? null)]]),
    ),
  );
});

Deno.test("No function runs with its owner's rights, and each has a fixed search path", async () => {
  const rows = await sql`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace::regnamespace::text in ('public', 'clerk_sync')
      and (prosecdef or not coalesce(proconfig, '{}') @> array['search_path=""'])
  `;
  assert.deepEqual(rows.map(({ name }) => name), []);
});

Deno.test("The functions that are listed are executable by the service role, and no other is by anybody", async () => {
  const internal = (await readFunctions(sql, "clerk_sync")).map(({ signature }) => signature);
  assert.deepEqual(internal, internalFunctions);
  const rows = await sql`
    select format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
      array(
        select r from unnest(${everyRole}::text[]) as r where has_function_privilege(r, p.oid, 'execute')
      ) as roles
    from pg_proc as p where p.pronamespace::regnamespace::text in ('public', 'clerk_sync')
  `;
  for (const { signature, roles } of rows) {
    const executable = functions[String(signature)]?.executable ?? true;
    assert.deepEqual(roles, executable ? ["service_role"] : [], String(signature));
  }
});

Deno.test("Schema clerk_sync can be used by the service role alone, and no API role creates anything", async () => {
  const rights = await sql`
    select r as role, s as schema, has_schema_privilege(r, s, 'usage') as usage,
      has_schema_privilege(r, s, 'create') as create
    from unnest(${everyRole}::text[]) as r, unnest(array['public', 'clerk_sync']) as s
  `;
  for (const { role, schema, usage, create } of rights) {
    assert.equal(create, false, `${role} creates in ${schema}`);
    if (schema === "clerk_sync") assert.equal(usage, role === "service_role", String(role));
  }
});

Deno.test("There is no sequence, no view and no table in Realtime's publication", async () => {
  const rows = await sql`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text in ('public', 'clerk_sync') and relkind not in ('r', 'i', 'c')
    union all
    select format('%s: %s', pubname, tablename) from pg_publication_tables
    where schemaname in ('public', 'clerk_sync')
  `;
  assert.deepEqual(rows.map(({ name }) => name), []);
});

/** What the platform grants on whatever its role postgres makes in schema public. */
const platformDefaults = ["S postgres", "S supabase_admin", "f postgres", "f supabase_admin"]
  .concat(["r postgres", "r supabase_admin"]);

Deno.test("The migrations leave the platform's default privileges as they are", async () => {
  const rows = await sql`
    select format('%s %s', defaclobjtype, defaclrole::regrole) as entry, defaclacl::text as acl
    from pg_default_acl
    where defaclnamespace::regnamespace::text in ('public', 'clerk_sync') or defaclnamespace = 0
    order by defaclobjtype::text collate "C", defaclrole::regrole::text collate "C"
  `;
  assert.deepEqual(rows.map(({ entry }) => entry), platformDefaults);
  const grantees = rows.map(({ acl }) =>
    [...String(acl).matchAll(/([{,])(\w*)=/g)].map((match) => match[2]).sort().join(" ")
  );
  assert.deepEqual([...new Set(grantees)], ["anon authenticated postgres service_role"]);
});

// Through the API only a request without any filter would come to this, and change everybody's row.
Deno.test("A user who updates without a condition updates one row", async () => {
  await rolledBack(async (transaction) => {
    await transaction`insert into public.users (clerk_id) values ('user_one'), ('user_two')`;
    await become(transaction, "authenticated", { sub: "user_one" });
    const { count } = await transaction`update public.users set metadata = '{}'`;
    assert.equal(count, 1);
  });
});

async function read(
  transaction: TransactionSql,
  role: typeof apiRoles[number],
): Promise<number | string> {
  let count = 0;
  const state = await sqlState(transaction, async (savepoint) => {
    await become(savepoint, role, { sub: "user_1" });
    count = (await savepoint`select * from public.later`).length;
  });
  return state ?? count;
}

// Why SECURITY.md tells the application to enable Row Level Security on its own tables.
Deno.test("A table that the application makes later is open to everybody until it has Row Level Security", async () => {
  await rolledBack(async (transaction) => {
    await transaction`create table public.later as select 1 as id`;
    assert.deepEqual([await read(transaction, "anon"), await read(transaction, "authenticated")], [
      1,
      1,
    ]);
  });
  await rolledBack(async (transaction) => {
    await transaction`create table public.later as select 1 as id`;
    await transaction`alter table public.later enable row level security`;
    assert.deepEqual([await read(transaction, "anon"), await read(transaction, "authenticated")], [
      0,
      0,
    ]);
  });
});
