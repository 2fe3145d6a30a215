import type { Sql } from "postgres";
import { z } from "zod";
import { movableTables as tables } from "./schema.ts";

/** Our functions in schema public, by name. */
export const publicFunctions = [
  "apply_clerk_facts",
  "claim_clerk_sync_run",
  "clerk_sync_status",
  "compare_clerk_facts",
  "find_clerk_users",
  "find_undated_clerk_rows",
  "find_unlisted_clerk_rows",
  "link_clerk_user",
  "measure_clerk_rows",
  "purge_clerk_deliveries",
  "purge_deleted_users",
  "release_clerk_sync_run",
  "repair_clerk_facts",
  "revive_clerk_user",
  "save_clerk_sync_run",
] as const;
/** Of these, everything is ours. */
const schemas = ["clerk_auth", "clerk_sync"];

const heading =
  `-- What is installed once every migration has run. Made by \`deno task schema\`; read it, do not run it.`;

const statements = z.array(z.object({ statement: z.string() }));

/** The schema as SQL, in an order that depends only on names. */
export async function describeSchema(sql: Sql): Promise<string> {
  const parts = [
    await describeSchemas(sql),
    await describeTypes(sql),
    await describeTables(sql),
    await describeFunctions(sql),
    await describeTriggersAndPolicies(sql),
  ];
  return `${[heading, ...parts.flat()].join("\n\n")}\n`;
}

function textsOf(rows: readonly unknown[]): string[] {
  return statements.parse(rows).map(({ statement }) => statement);
}

/** SQL for the lines "grant … on OBJECT to …" of an access list: one per role, without the owner. */
const grants = (list: string, object: string) =>
  `(
  select string_agg(format(E'\\ngrant %s on %s to %s;', a.privileges, ${object}, a.role), '' order by a.role)
  from (
    select case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role,
      string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as privileges
    from aclexplode(${list}) as a where a.grantee <> a.grantor group by a.grantee
  ) as a
)`;

async function describeSchemas(sql: Sql): Promise<string[]> {
  return textsOf([
    ...await sql.unsafe(
      `
    select concat(
      format('create schema %I;', n.nspname), ${
        grants("n.nspacl", "format('schema %I', n.nspname)")
      },
      format(E'\\ncomment on schema %I is %L;', n.nspname, obj_description(n.oid, 'pg_namespace'))
    ) as statement
    from pg_namespace as n where n.nspname = any($1) order by n.nspname collate "C"
  `,
      [schemas],
    ),
  ]);
}

async function describeTypes(sql: Sql): Promise<string[]> {
  return textsOf([
    ...await sql.unsafe(
      `
    select concat(
      format('create type %s as (', c.oid::regclass),
      (
        select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
        from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0
      ), ');',
      format(E'\\ncomment on type %s is %L;', c.oid::regclass, obj_description(c.reltype, 'pg_type'))
    ) as statement
    from pg_class as c
    where c.relkind = 'c' and c.relnamespace::regnamespace::text = any($1)
    order by c.relname collate "C"
  `,
      [schemas],
    ),
  ]);
}

async function describeTables(sql: Sql): Promise<string[]> {
  return textsOf([
    ...await sql.unsafe(
      `
    select concat(
      format(E'create table public.%I (\\n', c.relname),
      (
        select string_agg(concat(
          format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod)),
          case when a.attnotnull then ' not null' end,
          ' default ' || pg_get_expr(d.adbin, d.adrelid)
        ), E',\\n' order by a.attnum)
        from pg_attribute as a
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      ),
      (
        select string_agg(
          format(E',\\n  constraint %I %s', o.conname, pg_get_constraintdef(o.oid)), '' order by o.conname collate "C"
        )
        from pg_constraint as o where o.conrelid = c.oid and o.contype <> 'n'
      ),
      E'\\n);',
      (
        select string_agg(format(E'\\n%s;', pg_get_indexdef(i.indexrelid)), '' order by i.indexrelid::regclass::text)
        from pg_index as i
        where i.indrelid = c.oid
          and not exists (select from pg_constraint as o where o.conindid = i.indexrelid)
      ),
      (
        select format(
          E'\\nalter table public.%I\\n%s;', c.relname,
          string_agg(
            format('  alter column %I set statistics %s', a.attname, a.attstattarget), E',\\n' order by a.attnum
          )
        )
        from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0
        having count(*) > 0
      ),
      case when c.relrowsecurity then format(E'\\nalter table public.%I enable row level security;', c.relname) end,
      ${grants("c.relacl", "format('table public.%I', c.relname)")},
      (
        select string_agg(
          format(E'\\ngrant %s (%I) on table public.%I to %s;', lower(x.privilege_type), a.attname, c.relname,
            x.grantee::regrole), '' order by a.attnum
        )
        from pg_attribute as a cross join lateral aclexplode(a.attacl) as x
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      ),
      format(E'\\ncomment on table public.%I is %L;', c.relname, obj_description(c.oid, 'pg_class')),
      (
        select string_agg(
          format(E'\\ncomment on column public.%I.%I is %L;', c.relname, a.attname, col_description(c.oid, a.attnum)),
          '' order by a.attnum
        )
        from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      )
    ) as statement
    from pg_class as c
    where c.relnamespace = 'public'::regnamespace and c.relname = any($1) and c.relkind in ('r', 'p')
    order by array_position($1::text[], c.relname::text)
  `,
      [tables],
    ),
  ]);
}

async function describeFunctions(sql: Sql): Promise<string[]> {
  return textsOf([
    ...await sql.unsafe(
      `
    select concat(
      rtrim(pg_get_functiondef(p.oid)), ';',
      ${grants("p.proacl", "format('function %s', p.oid::regprocedure)")},
      format(E'\\ncomment on function %s is %L;', p.oid::regprocedure, obj_description(p.oid, 'pg_proc'))
    ) as statement
    from pg_proc as p
    where p.pronamespace::regnamespace::text = any($1)
      or p.pronamespace = 'public'::regnamespace and p.proname = any($2)
    order by p.oid::regprocedure::text collate "C"
  `,
      [schemas, publicFunctions],
    ),
  ]);
}

async function describeTriggersAndPolicies(sql: Sql): Promise<string[]> {
  return textsOf([
    ...await sql.unsafe(
      `
    select format('%s;', pg_get_triggerdef(t.oid)) as statement
    from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace = 'public'::regnamespace and c.relname = any($1)
    order by t.tgname collate "C"
  `,
      [tables],
    ),
    ...await sql.unsafe(
      `
    select concat(
      format('create policy %I on public.%I as %s for %s to %s', policyname, tablename, lower(permissive), lower(cmd),
        array_to_string(roles, ', ')),
      E'\\n  using (' || qual || ')', E'\\n  with check (' || with_check || ')', ';'
    ) as statement
    from pg_policies
    where schemaname = 'public' and tablename = any($1)
    order by tablename collate "C", policyname collate "C"
  `,
      [tables],
    ),
  ]);
}
