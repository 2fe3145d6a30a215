/** The rights in the catalogue, including those that no request through the API could show. */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { become, connect, rolledBack, sqlState } from "../support/database/connections.ts";
import { automaticGrants } from "../support/stack/running_stack.ts";
import { readFunctions } from "./catalogue.ts";
import { definers, functions, internalFunctions, policyFunctions, tables } from "./role_matrix.ts";

const sql = await connect();
Deno.test.afterAll(() => sql.end());

const apiRoles = ["anon", "authenticated", "service_role"] as const;
/** `public` means everybody in PostgreSQL. PostgREST logs in as authenticator. */
const everyRole = ["public", "authenticator", ...apiRoles];

/** Rights of roles on whole tables. */
const tableRights: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  users: { authenticated: ["select"], service_role: ["select", "insert", "update", "delete"] },
  clerk_deliveries: { service_role: ["select", "insert", "update", "delete"] },
  clerk_sync_runs: { service_role: ["select", "insert", "update", "delete"] },
  organizations: {
    authenticated: ["select"],
    service_role: ["select", "insert", "update", "delete"],
  },
  organization_memberships: {
    authenticated: ["select"],
    service_role: ["select", "insert", "update", "delete"],
  },
};

/** Every schema that the migrations make or use. */
const schemas = ["public", "clerk_sync", "clerk_auth"];

const known = "(select clerk_auth.user_id()) is not null";
const ownActiveRow = "clerk_id = (select clerk_auth.user_id()) and is_active and not banned";

const ownOrganizations = "any ((select clerk_auth.organization_ids())::text[])";

/** By table and name: the command and role, and the rows that may be seen and written. */
const policies: Readonly<Record<string, readonly (string | null)[]>> = {
  "clerk_deliveries: The service role keeps the ledger": ["ALL service_role", "true", "true"],
  "clerk_sync_runs: The service role keeps the runs": ["ALL service_role", "true", "true"],
  "users: Only active users see rows": [
    "RESTRICTIVE ALL authenticated",
    known,
    null,
  ],
  "users: Users read their own active row": ["SELECT authenticated", ownActiveRow, null],
  "users: Users update their own active row": ["UPDATE authenticated", ownActiveRow, ownActiveRow],
  "organizations: Only active users see rows": [
    "RESTRICTIVE ALL authenticated",
    known,
    null,
  ],
  "organizations: Members read their organizations": [
    "SELECT authenticated",
    `clerk_id = ${ownOrganizations} and is_active`,
    null,
  ],
  "organization_memberships: Only active users see rows": [
    "RESTRICTIVE ALL authenticated",
    known,
    null,
  ],
  "organization_memberships: Members read who belongs to their organizations": [
    "SELECT authenticated",
    `organization_clerk_id = ${ownOrganizations} and is_active`,
    null,
  ],
};

/** An expression without the casts, aliases and parentheses that PostgreSQL adds. */
function plain(expression: string | null): string | null {
  return expression?.replaceAll(/::text(?:\[\])?|AS (?:user_id|organization_ids)|[()\s]/g, "")
    .toLowerCase() ?? null;
}

Deno.test("roles have only the listed rights on tables", async () => {
  for (const table of Object.keys(tables)) {
    for (const role of everyRole) {
      // By default an owner has every right of this version.
      const [row] = await sql`
        select array(
          select lower(privilege_type) as name from aclexplode(acldefault('r', current_user::regrole))
          where has_table_privilege(${role}, ${`public.${table}`}, privilege_type) order by name
        ) as held
      `;
      const listed = tableRights[table]?.[role] ?? [];
      assert.deepEqual(row?.held, [...listed].sort(), `${role} on ${table}`);
    }
  }
});

Deno.test("roles have only the listed rights on columns", async () => {
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

Deno.test("every table has Row Level Security with exactly the listed policies", async () => {
  const open = await sql`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text = any(${schemas})
      and relkind in ('r', 'p') and not relrowsecurity
  `;
  assert.deepEqual(open.map(({ name }) => name), []);
  const found = await sql`
    select format('%s: %s', tablename, policyname) as name,
      concat_ws(' ', nullif(permissive, 'PERMISSIVE'), cmd, array_to_string(roles, ' ')) as use,
      qual, with_check
    from pg_policies where schemaname = any(${schemas})
  `;
  assert.deepEqual(
    Object.fromEntries(
      found.map((
        { name, use, qual, with_check: check },
      ) => [name, [use, plain(qual), plain(check)]]),
    ),
    Object.fromEntries(
      Object.entries(policies).map(([name, [use, qual, check]]) => [
        name,
        [use, plain(qual ?? null), plain(check ?? null)],
      ]),
    ),
  );
});

// With an empty path, types in pg_temp are still found first, and everybody can make types there.
const searchPath = "search_path=pg_catalog, pg_temp";

Deno.test("only the listed functions run with their owner's rights, and every function searches pg_temp last", async () => {
  const rows = await sql`
    select format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
      p.pronamespace::regnamespace::text as schema, p.prosecdef as definer,
      (select c from unnest(p.proconfig) as c where c like 'search\\_path=%') as path
    from pg_proc as p where p.pronamespace::regnamespace::text = any(${schemas}) order by 1
  `;
  const others = rows.filter(({ path }) => path !== searchPath);
  assert.deepEqual(others.map(({ signature, path }) => `${signature} ${path}`), []);
  const owned = rows.filter(({ definer }) => definer);
  assert.deepEqual(owned.map(({ signature }) => signature), definers);
  assert.ok(owned.every(({ schema }) => schema === "clerk_auth"));
});

function executedBy(schema: string, signature: string): readonly string[] {
  if (schema === "clerk_auth") return apiRoles;
  if (schema === "clerk_sync") return ["service_role"];
  return functions[signature]?.executable ? ["service_role"] : [];
}

Deno.test("only the listed roles may execute the listed functions, and there are no others", async () => {
  const signatures = async (schema: string) =>
    (await readFunctions(sql, schema)).map(({ signature }) => signature);
  assert.deepEqual((await signatures("clerk_sync")).sort(), internalFunctions.toSorted());
  assert.deepEqual((await signatures("clerk_auth")).sort(), policyFunctions.toSorted());
  const rows = await sql`
    select format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature,
      p.pronamespace::regnamespace::text as schema,
      array(
        select r from unnest(${everyRole}::text[]) with ordinality as a (r, position)
        where has_function_privilege(r, p.oid, 'execute') order by position
      ) as roles
    from pg_proc as p where p.pronamespace::regnamespace::text = any(${schemas})
  `;
  for (const { signature, schema, roles } of rows) {
    assert.deepEqual(roles, executedBy(String(schema), String(signature)), String(signature));
  }
});

Deno.test("only the listed roles may use each schema, and no API role may create anything", async () => {
  const rows = await sql`
    select s as schema,
      array(
        select r from unnest(${everyRole}::text[]) with ordinality as a (r, position)
        where has_schema_privilege(r, s, 'usage') order by position
      ) as users,
      array(
        select r from unnest(${everyRole}::text[]) as a (r) where has_schema_privilege(r, s, 'create')
      ) as creators
    from unnest(${schemas}::text[]) as s
  `;
  const bySchema = (column: "users" | "creators") =>
    Object.fromEntries(rows.map((row) => [row.schema, row[column]]));
  assert.deepEqual(bySchema("creators"), { public: [], clerk_sync: [], clerk_auth: [] });
  // PostgreSQL itself lets everybody use schema public.
  const { public: _, ...users } = bySchema("users");
  assert.deepEqual(users, { clerk_sync: ["service_role"], clerk_auth: apiRoles });
});

Deno.test("there are no sequences, no views and no tables in Realtime's publication", async () => {
  const rows = await sql`
    select oid::regclass::text as name from pg_class
    where relnamespace::regnamespace::text = any(${schemas}) and relkind not in ('r', 'i', 'c')
    union all
    select format('%s: %s', pubname, tablename) from pg_publication_tables
    where schemaname = any(${schemas})
  `;
  assert.deepEqual(rows.map(({ name }) => name), []);
});

const everybody = "anon authenticated postgres service_role";
/** Who gets rights on new objects in schema public by default, by the object's kind and maker. */
const platformDefaults: Readonly<Record<string, string>> = Object.fromEntries(
  ["S", "f", "r"].flatMap((kind) => [
    [`${kind} postgres`, automaticGrants ? everybody : "postgres"],
    [`${kind} supabase_admin`, everybody],
  ]),
);

Deno.test("the migrations leave the platform's default privileges unchanged", async () => {
  const rows = await sql`
    select format('%s %s', defaclobjtype, defaclrole::regrole) as entry, defaclacl::text as acl
    from pg_default_acl
    where defaclnamespace::regnamespace::text = any(${schemas}) or defaclnamespace = 0
  `;
  const granteesIn = (acl: string) =>
    [...acl.matchAll(/([{,])(\w*)=/g)].map((match) => match[2]).sort().join(" ");
  assert.deepEqual(
    Object.fromEntries(rows.map(({ entry, acl }) => [entry, granteesIn(String(acl))])),
    platformDefaults,
  );
});

// Through the API, a request without a filter would be such an update.
Deno.test("a user's update without a condition changes only their own row", async () => {
  await rolledBack(async (transaction) => {
    await transaction`insert into public.users (clerk_id) values ('user_one'), ('user_two')`;
    await become(transaction, "authenticated", { sid: "sess_1", sub: "user_one" });
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
    await savepoint`reset role`;
  });
  return state ?? count;
}

// This is why SECURITY.md tells the application to enable Row Level Security on its own tables.
Deno.test("a new table of the application is open to its grantees until it has Row Level Security", async () => {
  await rolledBack(async (transaction) => {
    const readByEach = async () => [
      await read(transaction, "anon"),
      await read(transaction, "authenticated"),
      await read(transaction, "service_role"),
    ];
    await transaction`create table public.later as select 1 as id`;
    const refused = "42501";
    assert.deepEqual(await readByEach(), automaticGrants ? [1, 1, 1] : [refused, refused, refused]);
    await transaction`grant select on public.later to anon, authenticated, service_role`;
    assert.deepEqual(await readByEach(), [1, 1, 1]);
    await transaction`alter table public.later enable row level security`;
    assert.deepEqual(await readByEach(), [0, 0, 1]);
  });
});
