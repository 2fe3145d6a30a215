import type { Sql } from "../support/database/connections.ts";

/**
 * What the API's roles may do with our tables, and by which policies, in a comparable form. The
 * application's own columns are left out unless a role may write them.
 */
export async function describeRights(sql: Sql): Promise<unknown[]> {
  const rights = await sql`
    with ours as (
      select c.oid, c.relname from pg_class as c
      where c.relnamespace = 'public'::regnamespace
        and c.relname in ('users', 'organizations', 'organization_memberships', 'clerk_deliveries', 'clerk_sync_runs')
    ),
    role (name) as (values ('public'), ('anon'), ('authenticated'), ('service_role'))
    select o.relname as table, r.name as role, 'table' as kind, p.name as right
    from ours as o cross join role as r
    cross join unnest('{insert,update,delete,truncate,references,trigger}'::text[]) as p (name)
    where has_table_privilege(r.name, o.oid, p.name)
    union all
    select o.relname, r.name, 'column ' || p.name, a.attname
    from ours as o cross join role as r cross join unnest('{insert,update,references}'::text[]) as p (name)
    join pg_attribute as a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
    where has_column_privilege(r.name, o.oid, a.attnum, p.name) and not has_table_privilege(r.name, o.oid, p.name)
    union all
    select o.relname, r.name, 'reads', a.attname
    from ours as o cross join role as r
    join pg_attribute as a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
    where has_column_privilege(r.name, o.oid, a.attnum, 'select') and col_description(o.oid, a.attnum) is not null
    union all
    select n.nspname, r.name, 'schema', p.name
    from pg_namespace as n cross join role as r cross join unnest('{usage,create}'::text[]) as p (name)
    where n.nspname in ('clerk_auth', 'clerk_sync') and has_schema_privilege(r.name, n.oid, p.name)
    union all
    select o.relname, 'all', 'row level security', c.relrowsecurity::text
    from ours as o join pg_class as c on c.oid = o.oid
    union all
    select p.tablename, array_to_string(p.roles, ','), concat_ws(' ', 'policy', p.permissive, p.cmd),
      -- A column of the application's may be a varchar, which PostgreSQL takes for a text.
      replace(concat_ws(' ', p.policyname, p.qual, p.with_check), '(organization_clerk_id)::text', 'organization_clerk_id')
    from pg_policies as p
    join pg_policy as d on d.polname = p.policyname and d.polrelid = format('%I.%I', p.schemaname, p.tablename)::regclass
    where p.schemaname = 'public'
      and obj_description(d.oid, 'pg_policy') is distinct from 'clerk-supabase-sync: keep'
      -- These policies of the application's grant the API's roles nothing beyond the rights above.
      and (p.tablename in ('clerk_deliveries', 'clerk_sync_runs') or p.roles && '{public,anon,authenticated}') and p.policyname <> 'Never at night'
    order by 1, 2, 3, 4
  `;
  return rights.map((right) => ({ ...right }));
}

/** Ways to our rows past their policies: partitions and views that the API's roles may read or write. */
export async function findWaysAround(sql: Sql): Promise<string[]> {
  const found = await sql`
    with recursive made (oid) as (
      select to_regclass('public.' || name)::oid
      from unnest('{users,organizations,organization_memberships}'::text[]) as name
      union
      select coalesce(i.inhrelid, r.ev_class) from made as m
      left join pg_inherits as i on i.inhparent = m.oid
      left join pg_depend as d on d.refobjid = m.oid and d.classid = 'pg_rewrite'::regclass
      left join pg_rewrite as r on r.oid = d.objid
      where coalesce(i.inhrelid, r.ev_class) is not null
    )
    select c.oid::regclass::text as name
    from made as m join pg_class as c on c.oid = m.oid cross join unnest('{anon,authenticated}'::text[]) as role
    where (c.relispartition or c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions, '{}') && '{security_invoker=true,security_invoker=on}')
      and has_any_column_privilege(role, c.oid, 'select, insert, update')
  `;
  return found.map(({ name }) => String(name));
}
