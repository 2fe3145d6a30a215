-- Inspects what the database already has, before anything is changed.
--
-- A table made by hand from a tutorial is taken over: it keeps its rows and gets what it lacks. Anything that would
-- lose events later, or show rows to the wrong people, is refused. One message then lists all of it with the way on,
-- and nothing has changed. docs/existing-databases.md has the two lists.
--
-- Only the last statement changes anything or raises, so it is all or nothing, whatever client runs this file. The
-- functions are temporary. They skip tables that these migrations have already created or taken over.

set client_min_messages = warning;
-- The names are compared with ours, and shown.
set quote_all_identifiers = off;

create or replace function pg_temp.clerk_columns()
returns table (relation text, name text, type text, fallback text, synchronised boolean)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A column with a fallback becomes "not null", and its nulls become the fallback. As in the next two migrations.
  values
    ('public.users', 'clerk_id', 'text', null, false),
    ('public.users', 'email', 'text', null, true),
    ('public.users', 'email_verified', 'boolean', 'false', true),
    ('public.users', 'first_name', 'text', null, true),
    ('public.users', 'last_name', 'text', null, true),
    ('public.users', 'username', 'text', null, true),
    ('public.users', 'image_url', 'text', null, true),
    ('public.users', 'phone', 'text', null, true),
    ('public.users', 'external_id', 'text', null, true),
    ('public.users', 'public_metadata', 'jsonb', '''{}''', true),
    ('public.users', 'banned', 'boolean', 'false', true),
    ('public.users', 'locked', 'boolean', 'false', true),
    ('public.users', 'last_sign_in_at', 'timestamp with time zone', null, true),
    ('public.users', 'clerk_created_at', 'timestamp with time zone', null, true),
    ('public.users', 'clerk_updated_at', 'timestamp with time zone', null, true),
    ('public.users', 'is_active', 'boolean', 'true', false),
    ('public.users', 'deleted_at', 'timestamp with time zone', null, false),
    ('public.users', 'erased_at', 'timestamp with time zone', null, false),
    ('public.users', 'deactivated_at', 'timestamp with time zone', null, false),
    ('public.users', 'revived_at', 'timestamp with time zone', null, false),
    ('public.users', 'metadata', 'jsonb', '''{}''', false),
    ('public.users', 'created_at', 'timestamp with time zone', 'now()', false),
    ('public.users', 'updated_at', 'timestamp with time zone', 'now()', false),
    ('public.users', 'synced_at', 'timestamp with time zone', null, false),
    ('public.organizations', 'clerk_id', 'text', null, false),
    ('public.organizations', 'name', 'text', null, true),
    ('public.organizations', 'slug', 'text', null, true),
    ('public.organizations', 'image_url', 'text', null, true),
    ('public.organizations', 'created_by', 'text', null, true),
    ('public.organizations', 'public_metadata', 'jsonb', '''{}''', true),
    ('public.organizations', 'clerk_created_at', 'timestamp with time zone', null, true),
    ('public.organizations', 'clerk_updated_at', 'timestamp with time zone', null, true),
    ('public.organizations', 'is_active', 'boolean', 'true', false),
    ('public.organizations', 'deleted_at', 'timestamp with time zone', null, false),
    ('public.organizations', 'deactivated_at', 'timestamp with time zone', null, false),
    ('public.organizations', 'metadata', 'jsonb', '''{}''', false),
    ('public.organizations', 'created_at', 'timestamp with time zone', 'now()', false),
    ('public.organizations', 'updated_at', 'timestamp with time zone', 'now()', false),
    ('public.organizations', 'synced_at', 'timestamp with time zone', null, false),
    ('public.organization_memberships', 'clerk_id', 'text', null, false),
    ('public.organization_memberships', 'organization_clerk_id', 'text', null, true),
    ('public.organization_memberships', 'user_clerk_id', 'text', null, true),
    ('public.organization_memberships', 'role', 'text', null, true),
    ('public.organization_memberships', 'permissions', 'text[]', '''{}''', true),
    ('public.organization_memberships', 'clerk_created_at', 'timestamp with time zone', null, true),
    ('public.organization_memberships', 'clerk_updated_at', 'timestamp with time zone', null, true),
    ('public.organization_memberships', 'is_active', 'boolean', 'true', false),
    ('public.organization_memberships', 'deleted_at', 'timestamp with time zone', null, false),
    ('public.organization_memberships', 'deactivated_at', 'timestamp with time zone', null, false),
    ('public.organization_memberships', 'metadata', 'jsonb', '''{}''', false),
    ('public.organization_memberships', 'created_at', 'timestamp with time zone', 'now()', false),
    ('public.organization_memberships', 'updated_at', 'timestamp with time zone', 'now()', false),
    ('public.organization_memberships', 'synced_at', 'timestamp with time zone', null, false)
$$;

create or replace function pg_temp.clerk_made_schema(p_name text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(obj_description(to_regnamespace(p_name), 'pg_namespace'), '') like '% Not exposed by the API.'
$$;

create or replace function pg_temp.clerk_made_table(p_relation text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The name alone proves nothing: the application may have a constraint of that name.
  select pg_temp.clerk_made_schema('clerk_sync') and exists (
    select from pg_constraint as k join pg_class as c on c.oid = k.conrelid
    where c.oid = to_regclass(p_relation)
      and k.conname = c.relname || case c.relname
        when 'clerk_deliveries' then '_attempted' when 'clerk_sync_runs' then '_drift_counted' else '_clerk_id_present'
      end
  )
$$;

create or replace function pg_temp.clerk_kind(p_relkind "char") returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_relkind
    when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' when 'S' then 'sequence'
    when 'c' then 'type' when 'i' then 'index' when 'I' then 'index' else 'table'
  end
$$;

create or replace function pg_temp.clerk_tables()
returns table (relation text, id oid, kind "char", reachable boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Materialized, so that each table is judged once, not once for each of its columns.
  with t as materialized (select distinct relation from pg_temp.clerk_columns())
  select t.relation, c.oid, c.relkind, c.relkind in ('r', 'p')
  from t
  join pg_class as c on c.oid = to_regclass(t.relation)
  where not pg_temp.clerk_made_table(t.relation)
$$;

create or replace function pg_temp.clerk_parts()
returns table (relation text, id oid, part oid, name text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Each table, and its partitions: those are tables too, with owners, rights and constraints of their own.
  select p.relation, p.id, p.part, p.part::regclass::text
  from (
    select t.relation, t.id, t.id as part from pg_temp.clerk_tables() as t where t.reachable
    union
    select t.relation, t.id, p.relid from pg_temp.clerk_tables() as t cross join pg_partition_tree(t.id) as p
    where t.reachable
  ) as p
$$;

create or replace function pg_temp.clerk_existing_columns()
returns table (
  relation text, id oid, name text, number smallint, required boolean, made boolean, held text, type text, fallback text,
  synchronised boolean, ours boolean, fits boolean, widens boolean, sources text[]
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select
    t.relation, t.id, a.attname::text, a.attnum, a.attnotnull, a.attgenerated <> '',
    format_type(a.atttypid, a.atttypmod), c.type, c.fallback,
    exists (
      select from pg_temp.clerk_columns() as w where w.relation = t.relation and w.synchronised and w.name = any (s.names)
    ),
    c.name is not null,
    f.type = c.type or a.attname <> 'clerk_id' and c.type = 'text' and f.type in ('citext', 'character varying'),
    c.type = 'text' and f.base in ('text', 'citext', 'character varying', 'character')
      or c.type = 'jsonb' and f.base = 'json'
      or c.type = 'timestamp with time zone' and f.base in ('timestamp without time zone', c.type),
    s.names
  from pg_temp.clerk_tables() as t
  join pg_attribute as a on a.attrelid = t.id and a.attnum > 0 and not a.attisdropped
  cross join lateral (
    -- Without the schema: citext may be in any.
    select
      regexp_replace(format_type(a.atttypid, a.atttypmod), '^.*\.', '')
        -- Ids are compared with one another: that needs one collation, and one that tells upper from lower case.
        || case when a.attname like '%clerk\_id' and a.attcollation not in (0, '"default"'::regcollation)
          then ' collate' else '' end as type,
      regexp_replace(format_type(a.atttypid, null), '^.*\.', '') as base
  ) as f
  cross join lateral (
    -- A generated column follows those that it is made from.
    select array(
      select a.attname::text
      union
      select b.attname::text
      from pg_attrdef as e
      join pg_depend as d on d.classid = 'pg_attrdef'::regclass and d.objid = e.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid = t.id
      join pg_attribute as b on b.attrelid = t.id and b.attnum = d.refobjsubid
      where e.adrelid = t.id and e.adnum = a.attnum and a.attgenerated <> ''
    ) as names
  ) as s
  left join pg_temp.clerk_columns() as c on c.relation = t.relation and c.name = a.attname
  where t.reachable
$$;

create or replace function pg_temp.clerk_api_roles() returns setof oid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 0::oid
  union
  select r.oid from pg_roles as r
  where r.rolname in ('anon', 'authenticated')
    or r.rolname not in ('authenticator', 'service_role')
      and pg_has_role((select oid from pg_roles where rolname = 'authenticator'), r.oid, 'member')
$$;

-- Whose policies and rights are a signed-in user's.
create or replace function pg_temp.clerk_user_roles() returns setof oid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 0::oid union select oid from pg_roles where pg_has_role('authenticated', oid, 'usage')
$$;

create or replace function pg_temp.clerk_granted(p_id oid) returns setof aclitem
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select unnest(coalesce(relacl, acldefault('r', relowner))) from pg_class where oid = p_id
  union all
  select unnest(attacl) from pg_attribute where attrelid = p_id
$$;

create or replace function pg_temp.clerk_obstacles_of_names() returns table (relation text, what text, way_on text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select t.relation, regexp_replace('is a ' || pg_temp.clerk_kind(c.relkind), ' a (?=i)', ' an '),
    format('alter %s %s rename to NEW_NAME;', pg_temp.clerk_kind(c.relkind), t.relation)
  from pg_temp.clerk_tables() as t join pg_class as c on c.oid = t.id
  where c.relkind not in ('r', 'p')
  union all
  select c.relation, 'is the name of a type', format('alter type %s rename to NEW_NAME;', c.relation)
  from (
    select relation from pg_temp.clerk_columns()
    union
    values ('public.clerk_deliveries'), ('public.clerk_sync_runs')
  ) as c (relation)
  join pg_type as y on y.oid = to_regtype(c.relation) and y.typrelid = 0
  union all
  select t.relation, 'is a partition of ' || i.inhparent::regclass,
    format('alter table %s detach partition %s;', i.inhparent::regclass, t.relation)
  from pg_temp.clerk_tables() as t
  join pg_class as c on c.oid = t.id and c.relispartition
  join pg_inherits as i on i.inhrelid = t.id
  union all
  select o.name, 'belongs to ' || o.owner::regrole || ', whose rights you do not have',
    case
      when pg_has_role(o.owner, 'member with admin option')
        -- Before PostgreSQL 16, whoever may create roles may grant them, too.
        or current_setting('server_version_num')::integer < 160000 and not r.rolsuper
          and (select rolcreaterole from pg_roles where rolname = current_user)
      then format('grant %s to %I;', o.owner::regrole, current_user)
      else format('choose another schema; or, as %s: alter %s owner to %I;', r.rolname, o.kind || o.name, current_user)
    end
  from (
    select pg_temp.clerk_kind(c.relkind) || ' ' as kind, c.oid::regclass::text as name, c.relowner as owner
    from pg_class as c
    where c.oid in (
      select part from pg_temp.clerk_parts()
      union
      select id from pg_temp.clerk_tables()
      union
      values (to_regclass('public.clerk_deliveries')::oid), (to_regclass('public.clerk_sync_runs')::oid)
    )
    union all
    select '', 'schema ' || quote_ident(n.nspname), n.nspowner from pg_namespace as n
    where n.nspname in ('clerk_sync', 'clerk_auth')
  ) as o
  join pg_roles as r on r.oid = o.owner
  where not pg_has_role(o.owner, 'usage')
  union all
  select t.relation, 'has no column clerk_id, so its rows may mean something else',
    format('alter table %s add column clerk_id text unique; and fill it, if they are Clerk''s. If not, choose another schema', t.relation)
  from pg_temp.clerk_tables() as t
  where t.kind in ('r', 'p')
    and not exists (select from pg_attribute where attrelid = t.id and attname = 'clerk_id' and not attisdropped)
  union all
  select t.relation, 'exists already, and is not ours',
    format('alter %s %s rename to NEW_NAME;', pg_temp.clerk_kind(c.relkind), t.relation)
  from (values ('public.clerk_deliveries'), ('public.clerk_sync_runs')) as t (relation)
  join pg_class as c on c.oid = to_regclass(t.relation)
  where not pg_temp.clerk_made_table(t.relation)
  union all
  select 'schema ' || n.nspname, 'exists already, and what is in it is not ours',
    format('alter schema %I rename to NEW_NAME;', n.nspname)
  from pg_namespace as n
  where n.nspname in ('clerk_sync', 'clerk_auth')
    and not pg_temp.clerk_made_schema(n.nspname)
    and (
      exists (select from pg_class where relnamespace = n.oid)
      or exists (select from pg_proc where pronamespace = n.oid)
      or exists (select from pg_type where typnamespace = n.oid)
    )
  union all
  select 'function ' || p.oid::regprocedure, 'has the name of one of ours',
    format('alter routine %s rename to NEW_NAME;', p.oid::regprocedure)
  from pg_proc as p
  where p.pronamespace = 'public'::regnamespace
    and p.proname in (
      'apply_clerk_facts', 'claim_clerk_sync_run', 'clerk_sync_status', 'compare_clerk_facts', 'find_clerk_users',
      'find_undated_clerk_rows', 'find_unlisted_clerk_rows', 'link_clerk_user', 'measure_clerk_rows',
      'purge_clerk_deliveries', 'purge_deleted_users', 'release_clerk_sync_run', 'repair_clerk_facts',
      'revive_clerk_user', 'save_clerk_sync_run'
    )
    and 'search_path=pg_catalog, pg_temp' <> all (array(select replace(s, '"', '') from unnest(p.proconfig) as s))
$$;

create or replace function pg_temp.clerk_obstacles_of_tables() returns table (relation text, what text, way_on text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with c as (select * from pg_temp.clerk_existing_columns()),
  t as (select t.relation, t.id from pg_temp.clerk_tables() as t where t.reachable),
  held as (
    -- The columns as each partition numbers them.
    select c.id, p.part, c.name, a.attnum as number, c.synchronised, c.made and 'clerk_id' = any (c.sources) as made_from_id,
      not c.ours and c.required and not a.atthasdef and a.attidentity = '' and exists (
        select from pg_index where indrelid = p.part and indisprimary and a.attnum = any (indkey)
      ) as unfilled_key,
      -- From PostgreSQL 18 on, a foreign key needs the same collation on both sides then.
      exists (
        select from pg_collation as l where l.oid = a.attcollation and not l.collisdeterministic and not c.fits
      ) as ignores_case
    from c
    join pg_temp.clerk_parts() as p on p.id = c.id
    join pg_attribute as a on a.attrelid = p.part and a.attname = c.name
  )
  select c.relation, format('column %s is %s and has to be %s', c.name, c.held, c.type),
    format('alter table %s alter column %I type %s using …; or rename it, if it means something else', c.relation, c.name, c.type)
  from c
  where c.ours and not c.fits and not c.widens
  union all
  select c.relation, format('column %s is generated, but synchronisation writes it', c.name),
    format(
      -- PostgreSQL keeps no values of a virtual column, so it cannot become a plain one.
      case a.attgenerated when 's' then 'alter table %s alter column %I drop expression;'
        else 'alter table %s rename column %I to NEW_NAME;' end,
      c.relation, c.name
    )
  from c
  join pg_attribute as a on a.attrelid = c.id and a.attnum = c.number
  where c.ours and c.made
  union all
  select c.relation, format('column %s is required and has no default: synchronisation does not fill it', c.name),
    case when exists (select from pg_index where indrelid = c.id and indisprimary and c.number = any (indkey))
      -- A constant would serve only one row.
      then format('alter table %s alter column %I %s;', c.relation, c.name, case
        when c.held = 'uuid' then 'set default gen_random_uuid()'
        when c.held in ('text', 'character varying') then 'set default gen_random_uuid()::text'
        when c.held in ('smallint', 'integer', 'bigint') then 'add generated by default as identity (start with VALUE)'
        else 'set default VALUE'
      end)
      else format('alter table %s alter column %I drop not null; or set a default', c.relation, c.name) end
  from c
  join pg_attribute as a on a.attrelid = c.id and a.attnum = c.number
  where not c.ours and c.required and not a.atthasdef and a.attidentity = ''
    and not exists (select from pg_type where oid = a.atttypid and typdefault is not null)
    -- clerk_fit() gives it a default.
    and not (c.name = 'id' and c.held = 'uuid')
  union all
  select distinct c.part::regclass::text,
    format('%s %s would refuse facts: they come in any order, and values of a deleted row may be used again',
      case when i.indisexclusion then 'exclusion constraint' when k.oid is null then 'unique index' else 'unique constraint' end,
      n.relname),
    case when k.oid is null then format('drop index %s;', n.oid::regclass)
      else format('alter table %s drop constraint %I;', c.part::regclass, k.conname) end
  from held as c
  join pg_index as i on i.indrelid = c.part and (i.indisunique or i.indisexclusion)
  join pg_class as n on n.oid = i.indexrelid and not n.relispartition
  left join pg_constraint as k on k.conindid = i.indexrelid and k.conrelid = c.part and k.contype in ('p', 'u', 'x')
  where (
    (c.synchronised or c.made_from_id) and c.number = any (i.indkey[0:i.indnkeyatts - 1])
    -- Also one on lower(clerk_id): Clerk's ids may differ only in case.
    or (c.synchronised or c.made_from_id or c.name = 'clerk_id') and i.indexprs is not null and exists (
      select from pg_depend as d
      where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = c.part and d.refobjsubid = c.number
    )
  )
  -- A unique index that includes clerk_id refuses nothing more, because clerk_id is unique anyway.
  and (i.indisexclusion or not exists (
    select from held as k where k.part = c.part and k.name = 'clerk_id' and k.number = any (i.indkey[0:i.indnkeyatts - 1])
  ))
  union all
  select t.relation, format('unique constraint %s is deferrable: "on conflict (clerk_id)" does not work with it', k.conname),
    format('alter table %s drop constraint %I;', t.relation, k.conname)
  from t
  join pg_constraint as k on k.conrelid = t.id and k.contype in ('p', 'u') and k.condeferrable
  join c on c.id = t.id and c.name = 'clerk_id' and k.conkey = array[c.number]
  union all
  select distinct c.part::regclass::text,
    format('%s %s%s restricts what synchronisation writes',
      case k.contype when 'f' then 'foreign key' else 'check constraint' end, k.conname,
      case when k.conrelid <> c.part then ' of ' || k.conrelid::regclass end),
    format('alter table %s drop constraint %I;', k.conrelid::regclass, k.conname)
  from held as c
  join pg_constraint as k on c.part in (k.conrelid, k.confrelid) and k.contype in ('c', 'f') and k.conparentid = 0
    and (k.coninhcount = 0 or c.part = c.id)
  where k.conrelid = c.part and c.number = any (k.conkey)
      and (c.synchronised or k.contype = 'f' and (c.name = 'clerk_id' or c.made_from_id or c.unfilled_key))
    or k.confrelid = c.part and c.number = any (k.confkey) and (c.synchronised or c.ignores_case)
      -- Follows every change.
      and not (k.confupdtype = 'c' and exists (
        select from held as i where i.part = c.part and i.name = 'clerk_id' and i.number = any (k.confkey)
      ))
  union all
  -- The trial cannot see that such a function does not find a table of its own.
  select distinct t.relation, format('function %s hides its errors, and finds tables by the search_path of whoever writes', p.oid::regprocedure),
    format('alter function %s set search_path = public, extensions;', p.oid::regprocedure)
  from t
  join pg_trigger as g on g.tgrelid = t.id and not g.tgisinternal and g.tgenabled <> 'D'
  join pg_proc as p on p.oid = g.tgfoid and p.prosrc ~* '\mexception\s+when\M'
  where not exists (select from unnest(p.proconfig) as s where starts_with(s, 'search_path='))
    -- It names a table without a schema.
    and exists (
      select from regexp_matches(p.prosrc, '\m(?:into|update|from|join)\s+("?\w+"?)(?!\s*[.\w"])', 'gi') as m (names)
      where to_regclass('public.' || m.names[1]) is not null
    )
  union all
  select t.relation, format('rule %s: no write can bypass it', r.rulename),
    format('drop rule %I on %s;', r.rulename, t.relation)
  from t join pg_rewrite as r on r.ev_class = t.id
  union all
  select t.relation, format('inherits from %s, which lets its rows be read and written past their policies', p.oid::regclass),
    format('alter table %s no inherit %s;', t.relation, p.oid::regclass)
  from t join pg_inherits as i on i.inhrelid = t.id join pg_class as p on p.oid = i.inhparent and p.relkind = 'r'
  union all
  select t.relation, format('%s inherits from it: no unique constraint on clerk_id covers the rows of both', i.inhrelid::regclass),
    format('alter table %s no inherit %s;', i.inhrelid::regclass, t.relation)
  from t join pg_inherits as i on i.inhparent = t.id join pg_class as p on p.oid = t.id and p.relkind = 'r'
  union all
  select t.relation, 'is partitioned by more than clerk_id, so clerk_id cannot be unique', 'choose another schema'
  from t
  join pg_partitioned_table as p on p.partrelid = t.id
  where exists (
    select from unnest(p.partattrs) as n (number)
    where not exists (select from c where c.id = t.id and c.number = n.number and c.name = 'clerk_id')
  )
  union all
  select p.part::regclass::text, 'is unlogged: a crash empties it', format('alter table %s set logged;', p.part::regclass)
  from pg_temp.clerk_parts() as p join pg_class as r on r.oid = p.part and r.relpersistence = 'u' and r.relkind = 'r'
$$;

create or replace function pg_temp.clerk_obstacles_of_rights() returns table (relation text, what text, way_on text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive t as (select t.relation, t.id from pg_temp.clerk_tables() as t where t.reachable),
  views (id) as (
    select p.part from pg_temp.clerk_parts() as p
    union
    select r.ev_class from views as v
    join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = v.id and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite as r on r.oid = d.objid
  ),
  policies as (
    select t.relation, p.oid, p.polname, p.polpermissive,
      coalesce(obj_description(p.oid, 'pg_policy'), '') = 'clerk-supabase-sync: keep' as kept,
      concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ '\mauth\.uid\(' as uid
    from t join pg_policy as p on p.polrelid = t.id
    where p.polroles && array(select pg_temp.clerk_api_roles())
  ),
  rights as (
    select p.part, c.relowner as owner, x.grantor, x.grantee, x.is_grantable
    from pg_temp.clerk_parts() as p
    join pg_class as c on c.oid = p.part
    cross join lateral aclexplode(array(select pg_temp.clerk_granted(c.oid))) as x
    where x.grantee <> c.relowner
  ),
  readers as (
    -- Whose rights on a view the API's roles have: their own, everybody's, or those of a role that they belong to.
    select c.oid as id, string_agg(distinct case x.grantee when 0 then 'public' else x.grantee::regrole::text end, ', ') as names
    from views as v
    join pg_class as c on c.oid = v.id
    cross join lateral aclexplode(array(select pg_temp.clerk_granted(c.oid))) as x
    where x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
      and exists (
        select from pg_temp.clerk_api_roles() as a (id)
        where a.id <> 0 and has_schema_privilege(a.id, c.relnamespace, 'usage')
          and (x.grantee = 0 or pg_has_role(a.id, x.grantee, 'usage'))
      )
    group by c.oid
  )
  select p.relation,
    format('policy "%s" calls auth.uid(), which fails for Clerk''s users: their ids are not uuids', p.polname),
    format('drop policy %I on %s;', p.polname, p.relation)
  from policies as p
  where p.uid
  union all
  select p.relation, format('policy "%s" may let users read or write more than their own row', p.polname),
    format('drop policy %1$I on %2$s; or, to keep it: comment on policy %1$I on %2$s is ''clerk-supabase-sync: keep'';',
      p.polname, p.relation)
  from policies as p
  where p.polpermissive and not p.kept and not p.uid
  union all
  select c.oid::regclass::text,
    format('shows rows past their policies to %s', g.names),
    concat(
      case when c.relkind = 'v' then format('alter view %s set (security_invoker = true); or ', c.oid::regclass) end,
      format('revoke all on %s from %s;', c.oid::regclass, g.names)
    )
  from views as v
  join pg_class as c on c.oid = v.id and c.relkind in ('v', 'm')
  join readers as g on g.id = c.oid
  where c.relkind = 'm' or not coalesce(
    (select o.option_value::boolean from pg_options_to_table(c.reloptions) as o where o.option_name = 'security_invoker'),
    false
  )
  union all
  -- It runs with the rights of the owner of its table, also on a view with security_invoker.
  select c.oid::regclass::text, format('rule %s reads or writes rows past their policies for %s', r.rulename, g.names),
    format('drop rule %I on %s;', r.rulename, c.oid::regclass)
  from views as v
  join pg_class as c on c.oid = v.id
  join pg_rewrite as r on r.ev_class = c.oid and r.ev_type <> '1'
  join readers as g on g.id = c.oid
  where not exists (select from pg_temp.clerk_parts() as p where p.part = c.oid)
  union all
  select p.part::regclass::text,
    format('its owner %s is a role of the API, or one that such a role belongs to: policies do not hold for it', c.relowner::regrole),
    format('alter table %s owner to %I;', p.part::regclass, current_user)
  from pg_temp.clerk_parts() as p
  join pg_class as c on c.oid = p.part
  where exists (
    select from pg_roles as r
    where r.rolname in ('anon', 'authenticated', 'authenticator') and pg_has_role(r.oid, c.relowner, 'member')
  )
  union all
  select 'schema ' || n.nspname, format('its owner %s is a role of the API, or one that such a role belongs to', n.nspowner::regrole),
    format('alter schema %I owner to %I;', n.nspname, current_user)
  from pg_namespace as n
  where n.nspname in ('clerk_sync', 'clerk_auth') and exists (
    select from pg_roles as r
    where r.rolname in ('anon', 'authenticated', 'authenticator') and pg_has_role(r.oid, n.nspowner, 'member')
  )
  union all
  select r.part::regclass::text, format('%s has rights on it, and is a role of the API that we do not know', r.grantee::regrole),
    format('revoke all on %s from %s;', r.part::regclass, r.grantee::regrole)
  from (select distinct r.part, r.grantee from rights as r where r.grantor = r.owner) as r
  join pg_roles as g on g.oid = r.grantee and g.rolname not in ('anon', 'authenticated')
  where r.grantee in (select pg_temp.clerk_api_roles())
  union all
  -- Only whoever granted a right can revoke it, except that it goes with the right to grant it.
  select p.part::regclass::text,
    format('%s passed on rights on it to %s', string_agg(distinct r.grantor::regrole::text, ', '),
      string_agg(distinct case r.grantee when 0 then 'public' else r.grantee::regrole::text end, ', ')),
    format('revoke grant option for all on %s from %s cascade;', p.part::regclass, (
      select string_agg(distinct h.grantee::regrole::text, ', ')
      from rights as h where h.part = p.part and h.grantor = h.owner and h.is_grantable
    ))
  from pg_temp.clerk_parts() as p
  join rights as r on r.part = p.part and r.grantor <> r.owner
  where r.grantee in (select pg_temp.clerk_api_roles())
    or r.grantor in (select pg_temp.clerk_api_roles() union select oid from pg_roles where rolname = 'service_role')
  group by p.part
$$;

create or replace function pg_temp.clerk_obstacles_of_our_names() returns table (relation text, what text, way_on text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The next migrations would drop or replace these, or do without their own.
  with ours (name) as (
    select unnest('{
      users_clerk_id_present, users_deleted_is_inactive, users_deactivated_is_inactive, users_erased_is_deleted,
      users_verified_has_email, users_clerk_times_finite, users_metadata_is_object, users_metadata_size,
      users_public_metadata_is_object, users_clerk_created_at, users_stamp_updated_at,
      users_stamp_deactivated_at_on_insert, users_stamp_deactivated_at_on_update, users_limit_lock_wait,
      organizations_clerk_id_present, organizations_deleted_is_inactive, organizations_deactivated_is_inactive,
      organizations_clerk_times_finite, organizations_metadata_is_object, organizations_metadata_size,
      organizations_public_metadata_is_object, organizations_clerk_created_at, organizations_stamp_updated_at,
      organizations_stamp_deactivated_at_on_insert, organizations_stamp_deactivated_at_on_update,
      organization_memberships_clerk_id_present, organization_memberships_state_complete,
      organization_memberships_deleted_is_inactive, organization_memberships_deactivated_is_inactive,
      organization_memberships_clerk_times_finite, organization_memberships_metadata_is_object,
      organization_memberships_metadata_size, organization_memberships_user_key,
      organization_memberships_organization_key, organization_memberships_clerk_created_at,
      organization_memberships_stamp_updated_at, organization_memberships_stamp_deactivated_at_on_insert,
      organization_memberships_stamp_deactivated_at_on_update, organization_memberships_inherit_deactivation_on_insert,
      organization_memberships_inherit_deactivation_on_update, organization_memberships_share_deactivation,
      clerk_deliveries_received_at, clerk_deliveries_refused, clerk_sync_runs_open, clerk_sync_runs_latest,
      Only active users see rows, Users read their own active row, Users update their own active row,
      Members read their organizations, Members read who belongs to their organizations
    }'::name[])
  ),
  t as (select t.relation, t.id from pg_temp.clerk_tables() as t where t.reachable),
  found as (
    select t.relation, format('constraint %s', k.conname) as what, format('drop constraint %I;', k.conname) as removal,
      format('alter table %s rename constraint %I to NEW_NAME;', t.relation, k.conname) as way_on
    from t join pg_constraint as k on k.conrelid = t.id join ours on ours.name = k.conname
    union all
    select t.relation, format('trigger %s', g.tgname), format('drop trigger %I on', g.tgname),
      format('alter trigger %I on %s rename to NEW_NAME;', g.tgname, t.relation)
    from t join pg_trigger as g on g.tgrelid = t.id and not g.tgisinternal join ours on ours.name = g.tgname
    union all
    select t.relation, format('policy "%s"', p.polname), format('drop policy %I on', p.polname),
      format('alter policy %I on %s rename to NEW_NAME;', p.polname, t.relation)
    from t join pg_policy as p on p.polrelid = t.id join ours on ours.name = p.polname
    union all
    -- No two indexes or tables of a schema share a name.
    select coalesce(i.indrelid, c.oid)::regclass::text, format('%s %s', pg_temp.clerk_kind(c.relkind), c.relname),
      format('drop index %s;', c.oid::regclass),
      format('alter %s %s rename to NEW_NAME;', pg_temp.clerk_kind(c.relkind), c.oid::regclass)
    from pg_class as c
    join ours on ours.name = c.relname
    left join pg_index as i on i.indexrelid = c.oid
    where c.relnamespace = to_regnamespace(split_part('public.users', '.', 1))
      and not exists (select from pg_constraint as k join t on t.id = k.conrelid where k.conindid = c.oid)
      and not exists (
        select from (
          select relation from pg_temp.clerk_columns() union values ('public.clerk_deliveries'), ('public.clerk_sync_runs')
        ) as o (relation)
        where to_regclass(o.relation) = i.indrelid and pg_temp.clerk_made_table(o.relation)
      )
  )
  select f.relation, f.what || ' has the name of one of ours', f.way_on
  from found as f
  -- Not what has to go anyway.
  where not exists (
    select from (
      select * from pg_temp.clerk_obstacles_of_tables()
      union all
      select * from pg_temp.clerk_obstacles_of_rights()
    ) as o
    where o.relation = f.relation and position(f.removal in o.way_on) > 0
  )
$$;

create or replace function pg_temp.clerk_jsonb(p_json text) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_json::jsonb;
-- json takes what jsonb does not, such as \u0000.
exception when data_exception or program_limit_exceeded then
  return null;
end
$$;

create or replace function pg_temp.clerk_obstacles_of_rows() returns table (relation text, what text, way_on text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_check record;
  v_count bigint;
begin
  for v_check in
    select c.relation, k.what, k.condition, k.way_on
    from pg_temp.clerk_existing_columns() as c
    join pg_class as r on r.oid = c.id and pg_has_role(r.relowner, 'usage')
    cross join lateral (
      select case c.held when 'json' then format('pg_temp.clerk_jsonb(%I::text)', c.name) else quote_ident(c.name) end as value
    ) as v
    cross join lateral (
      select 'empty clerk_id' as what, 'clerk_id = ''''' as condition,
        format('delete from %1$s where clerk_id = ''''; or: alter table %1$s alter column clerk_id drop default, '
          'alter column clerk_id drop not null; update %1$s set clerk_id = null where clerk_id = '''';', c.relation) as way_on
      where c.name = 'clerk_id' and (c.fits or c.widens)
      union all
      select 'duplicate clerk_id',
        format('clerk_id <> '''' and clerk_id::text collate "C" in '
          '(select clerk_id::text collate "C" from %s group by 1 having count(*) > 1)', c.relation),
        format('select clerk_id, count(*) from %s group by 1 having count(*) > 1; shows which. Keep one of each', c.relation)
      where c.name = 'clerk_id' and (c.fits or c.widens)
      union all
      select c.name || ' that is not a JSON object', format('jsonb_typeof(%s) <> ''object''', v.value),
        format('update %1$s set %2$I = %3$s_build_object(''value'', %2$I) where %3$s_typeof(%2$I) <> ''object'';',
          c.relation, c.name, c.held)
      where c.type = 'jsonb' and (c.fits or c.widens)
      union all
      select c.name || ' that jsonb cannot hold, such as \u0000', format('%I is not null and %s is null', c.name, v.value),
        format('update %1$s set %2$I = replace(%2$I::text, ''\u0000'', '''')::json where strpos(%2$I::text, ''\u0000'') > 0; '
          'if that is not all, alter table %1$s rename column %2$I to NEW_NAME;', c.relation, c.name)
      where c.held = 'json' and c.ours and c.widens
      union all
      select 'metadata of more than 16 KiB', format('octet_length(%s::text) > 16384', v.value),
        format('select clerk_id from %s where octet_length(metadata::text) > 16384; shows which. Shorten it', c.relation)
      where c.name = 'metadata' and (c.fits or c.widens)
      union all
      select format('%s that is infinite', c.name), format('not isfinite(%I)', c.name),
        format('update %1$s set %2$I = null where not isfinite(%2$I);', c.relation, c.name)
      where c.name in ('clerk_created_at', 'last_sign_in_at', 'deleted_at') and (c.fits or c.widens)
      union all
      -- Synchronisation turns rows into jsonb, which cannot hold it.
      select format('\u0000 in %s', c.name), format('%I::text ~ ''(^|[^\\])(\\\\)*\\u0000''', c.name),
        format('update %1$s set %2$I = replace(%2$I::text, ''\u0000'', '''')::json where strpos(%2$I::text, ''\u0000'') > 0;', c.relation, c.name)
      where not c.ours and c.held = 'json'
      union all
      select 'erased_at, which synchronisation has not set', 'erased_at is not null',
        format('alter table %s rename column erased_at to NEW_NAME;', c.relation)
      where c.name = 'erased_at'
      union all
      -- The next state would let them in again.
      select 'banned true, which only Clerk decides from now on', 'banned',
        format('alter table %1$s rename column banned to NEW_NAME; or, if Clerk has banned them: '
          'update %1$s set banned = false where banned; and run a backfill', c.relation)
      where c.name = 'banned' and c.relation = 'public.users' and c.fits
    ) as k
  loop
    execute format('select count(*) from %s where %s', v_check.relation, v_check.condition) into v_count;
    if v_count > 0 then
      return query select v_check.relation, format('%s row(s) with %s', v_count, v_check.what), v_check.way_on;
    end if;
  end loop;
end
$$;

create or replace function pg_temp.clerk_obstacles_of_types() returns table (relation text, what text, way_on text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- PostgreSQL does not change the type of a column that one of these uses.
  with recursive users (relation, name, type, class, id) as (
    select c.relation, c.name, c.type, coalesce(v.tableoid, d.classid), coalesce(v.oid, d.objid)
    from pg_temp.clerk_existing_columns() as c
    join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.id and d.refobjsubid = c.number
    left join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    left join pg_class as v on v.oid = r.ev_class and v.relkind in ('v', 'm')
    left join pg_attrdef as f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
    left join pg_trigger as g on d.classid = 'pg_trigger'::regclass and g.oid = d.objid
    where c.widens and not c.fits and not c.made
      and (
        d.classid in ('pg_policy'::regclass, 'pg_proc'::regclass, 'pg_publication_rel'::regclass)
        or r.ev_class <> c.id or f.adnum <> c.number or not g.tgisinternal
      )
    union
    -- A view that uses such a view goes with it.
    select u.relation, u.name, u.type, v.tableoid, v.oid
    from users as u
    join pg_depend as d on d.refclassid = u.class and d.refobjid = u.id and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite as r on r.oid = d.objid
    join pg_class as v on v.oid = r.ev_class and v.relkind in ('v', 'm')
    where u.class = 'pg_class'::regclass
  )
  select u.relation,
    format('%s uses column %s, which has to become %s',
      replace(pg_describe_object(u.class, u.id, 0), 'default value for', 'generated'),
      string_agg(u.name, ' and column ' order by u.name), string_agg(distinct u.type, ', ')),
    w.statement || ' Migrate, and create it again'
  from users as u
  cross join lateral (
    select coalesce(
      (
        select format('drop %s if exists %s cascade;', pg_temp.clerk_kind(v.relkind), v.oid::regclass)
        from pg_class as v where v.tableoid = u.class and v.oid = u.id
      ),
      (
        select format('drop policy if exists %I on %s;', p.polname, p.polrelid::regclass)
        from pg_policy as p where p.tableoid = u.class and p.oid = u.id
      ),
      (
        select format('drop trigger %I on %s;', g.tgname, g.tgrelid::regclass)
        from pg_trigger as g where g.tableoid = u.class and g.oid = u.id
      ),
      (
        select format('drop rule %I on %s;', r.rulename, r.ev_class::regclass)
        from pg_rewrite as r where r.tableoid = u.class and r.oid = u.id
      ),
      (
        select format('alter table %s drop column %I;', f.adrelid::regclass, a.attname)
        from pg_attrdef as f join pg_attribute as a on a.attrelid = f.adrelid and a.attnum = f.adnum
        where f.tableoid = u.class and f.oid = u.id
      ),
      (
        select format('alter publication %I drop table %s;', p.pubname, r.prrelid::regclass)
        from pg_publication_rel as r join pg_publication as p on p.oid = r.prpubid where r.tableoid = u.class and r.oid = u.id
      ),
      format('drop routine %s;', u.id::regprocedure)
    )
  ) as w (statement)
  -- Not what has to go anyway.
  where not exists (
    select from pg_temp.clerk_obstacles_of_rights() as r where starts_with(r.way_on, replace(w.statement, 'if exists ', ''))
  )
  group by u.relation, u.class, u.id, w.statement
$$;

-- Makes the current caller a user of Clerk, as PostgREST does. It has no search_path of its own, in order to set its
-- caller's: functions that policies call may need it.
create or replace function pg_temp.clerk_sign_in(p_clerk_id text) returns void
language plpgsql volatile
as $$
begin
  perform
    set_config('request.jwt.claims', jsonb_build_object(
      'role', 'authenticated', 'sub', p_clerk_id, 'sid', 'sess_' || substr(md5(p_clerk_id), 1, 27), 'v', 2, 'fva', '[0, -1]'::jsonb,
      'iss', 'https://clerk.example.com', 'azp', 'https://app.example.com', 'sts', 'active',
      'iat', extract(epoch from now())::bigint, 'exp', extract(epoch from now())::bigint + 60,
      'o', jsonb_build_object('id', 'org_' || substr(p_clerk_id, 6), 'slg', 'preflight', 'rol', 'admin')
    )::text, true),
    set_config('request.headers', '{}', true),
    set_config('request.cookies', '{}', true),
    set_config('request.method', 'PATCH', true),
    set_config('request.path', '/users', true),
    -- A session that restores a dump may have turned it off.
    set_config('row_security', 'on', true),
    set_config('search_path', 'public, extensions', true);
  set local role authenticated;
end
$$;

-- Whether a policy for reading lets users read their own row, which it shows for a made-up one.
create or replace function pg_temp.clerk_shows_own_row(p_relation text, p_expression text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row constant jsonb := jsonb_build_object(
    'clerk_id', case p_relation when 'public.users' then 'user_' else 'org_' end || 'PreFlight',
    'user_clerk_id', 'user_PreFlight', 'organization_clerk_id', 'org_PreFlight', 'is_active', true, 'banned', false,
    -- In some applications it is Clerk's.
    'id', (
      select 'user_PreFlight' from pg_attribute
      where attrelid = to_regclass(p_relation) and attname = 'id' and atttypid in ('text'::regtype, 'varchar'::regtype)
    )
  );
  v_shows boolean;
begin
  begin
    perform pg_temp.clerk_sign_in('user_PreFlight');
    execute format(
      'select %s from jsonb_populate_record(null::%s, %L) as %I',
      p_expression, p_relation, v_row, split_part(p_relation, '.', 2)
    ) into v_shows;
    -- Ends the pretence.
    raise exception using errcode = 'CLSOK';
  exception when others or assert_failure then null;
  end;
  return coalesce(v_shows, false);
end
$$;

-- The application's columns that users cannot read, such as those of a server-only table. They stay hidden when users
-- get to read their own row. With p_kept_only, without the policies that have to go.
create or replace function pg_temp.clerk_hidden_columns(p_relation text, p_kept_only boolean) returns text[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(a.attname::text)
  from pg_attribute as a
  join pg_class as r on r.oid = a.attrelid
  where a.attrelid = to_regclass(p_relation) and a.attnum > 0 and not a.attisdropped and a.attname <> 'id'
    and not exists (select from pg_temp.clerk_columns() as c where c.relation = p_relation and c.name = a.attname)
    and not (
      has_column_privilege('authenticated', a.attrelid, a.attnum, 'select')
      and (
        not r.relrowsecurity
        -- A right on the column itself says that it is for users.
        or exists (
          select from aclexplode(a.attacl) as x
          where x.privilege_type = 'SELECT' and x.grantee in (select pg_temp.clerk_user_roles())
        )
        or exists (
          select from pg_policy as p
          where p.polrelid = a.attrelid and p.polpermissive and p.polcmd in ('r', '*')
            and (not p_kept_only or obj_description(p.oid, 'pg_policy') = 'clerk-supabase-sync: keep')
            and p.polroles && array(select pg_temp.clerk_user_roles())
            and pg_temp.clerk_shows_own_row(p_relation, pg_get_expr(p.polqual, p.polrelid))
        )
      )
    )
$$;

create or replace function pg_temp.clerk_obstacles_of_hidden_columns() returns table (relation text, what text, way_on text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select t.relation, format('users can read %s only because of policies that have to go', h.names),
    format('grant select (%s) on %s to authenticated; or drop the policies first, if users need not read that', h.names, t.relation)
  from pg_temp.clerk_tables() as t
  cross join lateral (
    select string_agg(quote_ident(n), ', ') as names
    from unnest(pg_temp.clerk_hidden_columns(t.relation, true)) as n
    where (n = any (pg_temp.clerk_hidden_columns(t.relation, false))) is not true
  ) as h
  where t.reachable and h.names is not null
$$;

create or replace function pg_temp.clerk_fit(p_relation text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id constant oid := to_regclass(p_relation);
  v_actions text;
  v_values text;
  v_differs text;
  v_needed boolean;
  v_enable text := '';
  v_hidden text[];
  v_item record;
begin
  v_hidden := pg_temp.clerk_hidden_columns(p_relation, false);

  -- Sequences that column defaults use.
  for v_item in
    select distinct s.oid::regclass as name from pg_attrdef as f
    join pg_depend as d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass
    join pg_class as s on s.oid = d.refobjid and s.relkind = 'S'
    where f.adrelid = v_id
  loop
    execute format('grant usage on sequence %s to service_role', v_item.name);
  end loop;

  -- Row Level Security, where it has been off, must not shut out the application's other roles.
  for v_item in
    select p.name, string_agg(distinct quote_ident(g.rolname), ', ') as roles
    from pg_temp.clerk_parts() as p
    join pg_class as c on c.oid = p.part and not c.relrowsecurity
    cross join lateral aclexplode(array(select pg_temp.clerk_granted(c.oid))) as x
    join pg_roles as g on g.oid = x.grantee and (g.oid <> c.relowner or c.relforcerowsecurity)
      and not g.rolbypassrls and not g.rolsuper and g.rolname <> 'authenticator'
    where p.relation = p_relation and x.grantee not in (select pg_temp.clerk_api_roles())
    group by p.name
  loop
    execute format('create policy "These roles go on as before" on %s to %s using (true)', v_item.name, v_item.roles);
  end loop;

  -- Direct access to a partition bypasses the table's policies.
  for v_item in select t.relid::regclass as name from pg_partition_tree(v_id) as t where t.relid <> v_id loop
    execute format('alter table %s enable row level security', v_item.name);
    execute format('revoke all on %s from public, anon, authenticated', v_item.name);
  end loop;

  select string_agg(a.action, ', ') into v_actions
  from (
    select format('alter column %I type %s using %1$I::%2$s', c.name, c.type) as action
    from pg_temp.clerk_existing_columns() as c
    where c.relation = p_relation and c.widens and not c.fits and not c.made
    union all
    -- Clerk's users may have no email address, name or username at all.
    select format('alter column %I drop not null', c.name)
    from pg_temp.clerk_existing_columns() as c
    where c.relation = p_relation and c.ours and c.required and c.fallback is null and c.name <> 'clerk_id'
      and not exists (select from pg_index where indrelid = v_id and indisprimary and c.number = any (indkey))
    union all
    select format('add column if not exists %I %s %s', c.name, c.type, 'not null default ' || c.fallback)
    from pg_temp.clerk_columns() as c
    where c.relation = p_relation
    union all
    select 'add column if not exists id uuid not null default gen_random_uuid()'
    union all
    select 'alter column id set default gen_random_uuid()'
    from pg_attribute
    where attrelid = v_id and attname = 'id' and atttypid = 'uuid'::regtype and not atthasdef and attidentity = ''
  ) as a;
  execute format('alter table %s %s', p_relation, v_actions);

  if v_hidden is not null then
    execute format('revoke all on %s from public, authenticated', p_relation);
    execute format(
      'grant select (%s) on %s to authenticated',
      (
        select string_agg(quote_ident(a.attname), ', ') from pg_attribute as a
        where a.attrelid = v_id and a.attnum > 0 and not a.attisdropped
          and a.attname <> all (v_hidden)
      ),
      p_relation
    );
    raise warning '%: users cannot read %. To let them: grant select on % to authenticated',
      p_relation, array_to_string(v_hidden, ', '), p_relation;
  end if;

  if not exists (select from pg_index where indrelid = v_id and indisprimary) and not exists (
    select from pg_class where oid = v_id and relkind = 'p'
  ) then
    begin
      execute format('alter table %s add primary key (id)', p_relation);
    -- The table can do without a primary key.
    exception when unique_violation or not_null_violation then null;
    end;
  end if;
  -- "on conflict (clerk_id)" needs it.
  if not exists (
    select from pg_index as i
    join pg_attribute as a on a.attrelid = i.indrelid and a.attname = 'clerk_id'
    where i.indrelid = v_id and i.indisunique and i.indisvalid and i.indimmediate and i.indnkeyatts = 1
      and i.indkey[0] = a.attnum and i.indpred is null
  ) then
    execute format('alter table %s add unique (clerk_id)', p_relation);
  end if;

  select string_agg(format('%I = %s', v.name, v.value), ', '),
    string_agg(format('%I is distinct from (%s)', v.name, v.value), ' or ')
  into v_values, v_differs
  from (
    select c.name, case c.name
      when 'is_active' then concat(
        'coalesce(is_active, true) and deleted_at is null and deactivated_at is null',
        -- A membership without its organization or role waits for its state.
        case p_relation when 'public.organization_memberships' then ' and num_nulls(organization_clerk_id, role) = 0' end
      )
      when 'email_verified' then 'coalesce(email_verified, false) and email is not null'
      else format('coalesce(%I, %s)', c.name, c.fallback)
    end as value
    from pg_temp.clerk_columns() as c
    where c.relation = p_relation and c.fallback is not null
    union all
    -- No state is known yet: whatever wrote this time may not have written all that was true then.
    select 'clerk_updated_at', 'null'
    union all
    select 'deactivated_at',
      'coalesce(deactivated_at, case when not is_active and deleted_at is null then coalesce(updated_at, now()) end)'
  ) as v;
  execute format('select exists (select from %s where %s)', p_relation, v_differs) into v_needed;
  if v_needed then
    -- The application's triggers are for what people do, so they do not run for this.
    for v_item in
      select t.tgname, t.tgenabled from pg_trigger as t
      where t.tgrelid = v_id and not t.tgisinternal and t.tgenabled <> 'D'
    loop
      execute format('alter table %s disable trigger %I', p_relation, v_item.tgname);
      v_enable := v_enable || format(
        'alter table %s enable %s trigger %I;', p_relation,
        case v_item.tgenabled when 'R' then 'replica' when 'A' then 'always' end, v_item.tgname
      );
    end loop;
    execute format('update %s set %s where %s', p_relation, v_values, v_differs);
    set constraints all immediate;
    if v_enable <> '' then
      execute v_enable;
    end if;
  end if;

  select string_agg(
    format('alter column %I set not null', a.attname)
      || case when a.atthasdef then '' else format(', alter column %I set default %s', a.attname, c.fallback) end,
    ', '
  )
  into v_actions
  from pg_temp.clerk_columns() as c
  join pg_attribute as a on a.attrelid = v_id and a.attname = c.name
  where c.relation = p_relation and c.fallback is not null;
  execute format('alter table %s %s', p_relation, v_actions);
  -- Rows that have no clerk_id yet may stay.
  execute format('select not exists (select from %s where clerk_id is null)', p_relation) into v_needed;
  if v_needed then
    execute format('alter table %s alter column clerk_id set not null', p_relation);
  end if;
end
$$;

-- The application's function in which an error came up, if any.
create or replace function pg_temp.clerk_function_in(p_context text) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select f.name
  from regexp_match(p_context, 'function (?:"([^"]+)"|([^\s(]+)\()') as m (names)
  cross join lateral (select coalesce(quote_ident(m.names[1]), m.names[2]) as name) as f
  where f.name !~ '^pg_temp'
$$;

-- What to do about a function that lacks a name: synchronisation has a search_path of its own, without the application's
-- schemas. Null if something else is wrong with the function.
create or replace function pg_temp.clerk_search_path_for(p_function text, p_state text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('alter function %s set search_path = public, extensions;', min(p.oid::regprocedure::text))
  from pg_proc as p
  -- An error names the schema only if it is not in the search_path.
  where p_function in (p.oid::regproc::text, quote_ident(p.proname)) and p_state in ('42P01', '42883', '42704')
    and not exists (select from unnest(p.proconfig) as s where starts_with(s, 'search_path='))
  having count(*) = 1
$$;

-- Says what to do about an error, from its diagnostics.
create or replace function pg_temp.clerk_way_on(
  p_relation text, p_state text, p_schema text, p_table text, p_column text, p_constraint text, p_type text,
  p_function text, p_role text
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id constant oid := to_regclass(p_relation);
  -- A partition's constraints belong to the whole table.
  v_table constant text := coalesce(
    (
      select coalesce(pg_partition_root(c.oid), c.oid)::regclass::text
      from pg_class as c where c.relnamespace = to_regnamespace(quote_ident(p_schema)) and c.relname = p_table
    ),
    p_relation
  );
  v_publication text;
  v_names text;
begin
  if p_function is not null then
    return coalesce(
      pg_temp.clerk_search_path_for(p_function, p_state), format('fix function %s, or drop its trigger', p_function)
    );
  elsif p_column <> '' then
    return case
      when p_column = 'id' then format('alter table %s alter column id set default gen_random_uuid();', v_table)
      when exists (
        select from pg_attribute where attrelid = v_table::regclass and attname = p_column and attgenerated <> ''
      ) then format('alter table %s alter column %I drop not null;', v_table, p_column)
      else format('alter table %s alter column %I set default VALUE;', v_table, p_column)
    end;
  elsif p_type <> '' and p_state = '23502' then
    return format('alter domain %I.%I drop not null;', p_schema, p_type);
  elsif p_type <> '' then
    return format('alter domain %I.%I drop constraint %I;', p_schema, p_type, p_constraint);
  elsif p_constraint <> '' then
    return case
      when exists (select from pg_constraint where conrelid = v_table::regclass and conname = p_constraint)
        then format('alter table %s drop constraint %I;', v_table, p_constraint)
      else format('drop index %I.%I;', p_schema, p_constraint)
    end;
  elsif p_state = '55000' then
    return format('alter table %s replica identity %s;', p_relation, case
      when exists (select from pg_index where indrelid = v_id and indisprimary) then 'default' else 'full'
    end);
  elsif p_state = '42P10' then
    select format('alter publication %1$I drop table %2$s; and: alter publication %1$I add table %2$s;', p.pubname, p_relation)
    into v_publication
    from pg_publication_rel as r join pg_publication as p on p.oid = r.prpubid
    where r.prrelid = v_id and (r.prattrs is not null or r.prqual is not null);
    return coalesce(v_publication, 'choose another schema');
  elsif p_state = '23514' and exists (select from pg_partitioned_table where partrelid = v_id) then
    return format('create table %s_default partition of %1$s default;', p_relation);
  elsif exists (select from pg_class where oid = v_id and reloftype <> 0) then
    return format('alter table %s not of;', p_relation);
  elsif p_state = '42501' then
    return 'grant it to ' || p_role;
  elsif p_state = '54000' then
    -- Metadata may be longer than an entry of an index.
    select 'drop index ' || string_agg(distinct i.indexrelid::regclass::text, ', ') || ';' into v_names
    from pg_index as i
    join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) and a.attname in ('public_metadata', 'metadata')
    join pg_class as c on c.oid = i.indexrelid
    join pg_am as m on m.oid = c.relam and m.amname = 'btree'
    where i.indrelid = v_id;
    return coalesce(v_names, 'drop that index');
  end if;
  if p_state = '42P17' then
    -- A time with a zone depends on the session's zone, and such an expression must not.
    select format('drop index %s; Migrate, and create them again', string_agg(distinct i.indexrelid::regclass::text, ', ')) into v_names
    from pg_temp.clerk_existing_columns() as c
    join pg_index as i on i.indrelid = c.id and (i.indexprs is not null or i.indpred is not null)
    join pg_depend as d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = c.id and d.refobjsubid = c.number
    where c.id = v_id and c.widens and not c.fits and c.type = 'timestamp with time zone';
    return coalesce(v_names, 'choose another schema');
  end if;
  -- Triggers run for nobody but these.
  select 'fix what one of these triggers does, or drop it: ' || string_agg(t.tgname, ', ' order by t.tgname) into v_names
  from pg_trigger as t
  where t.tgrelid = v_id and not t.tgisinternal and t.tgenabled <> 'D' and p_role in ('service_role', 'authenticated');
  return coalesce(v_names, 'choose another schema');
end
$$;

-- Does what a way on says, so that the next attempt finds what else is in the way. The refusal undoes it.
create or replace function pg_temp.clerk_obey(p_way_on text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_way_on !~ '^(alter|create|drop|grant|update) ' or p_way_on ~ '(NEW_NAME|VALUE)' then
    return false;
  end if;
  -- Only clerk_id needs values.
  execute regexp_replace(
    replace(split_part(p_way_on, ';', 1), 'column clerk_id type text using …', 'column clerk_id type text using clerk_id::text'),
    'column (\S+) type (.*) using …', 'column \1 drop default, alter column \1 drop not null, alter column \1 type \2 using null'
  -- Foreign keys may need it.
  ) || case when p_way_on ~ '^(alter table .* drop constraint|drop index) ' then ' cascade' else '' end;
  set constraints all immediate;
  return true;
exception when others or assert_failure then
  return false;
end
$$;

create or replace function pg_temp.clerk_try(p_relation text, p_passed_over text[])
returns table (relation text, what text, way_on text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id constant oid := to_regclass(p_relation);
  v_owner constant text := current_user;
  v_made_up constant text := substr(md5(clock_timestamp()::text), 1, 27);
  v_prefix constant text := case p_relation
    when 'public.users' then 'user_' when 'public.organizations' then 'org_' else 'orgmem_'
  end;
  -- Two rows with the same values, one with these in lower case, and one of which only the deletion is known.
  v_one constant text := v_prefix || v_made_up;
  v_two constant text := v_prefix || 'Two' || substr(v_made_up, 4);
  v_lower constant text := v_prefix || 'Lower' || substr(v_made_up, 6);
  v_gone constant text := v_prefix || 'Gone' || substr(v_made_up, 5);
  -- As much as Clerk allows.
  v_object constant jsonb := (select jsonb_build_object('preflight', string_agg(md5(i::text), '')) from generate_series(1, 250) as i);
  v_columns text;
  v_values text;
  v_lowered text;
  v_nulls text;
  v_no_state text;
  v_updates text;
  v_erasure text;
  v_erased text;
  v_policies jsonb;
  v_required text;
  v_step record;
  v_item record;
  v_written bigint;
  v_changed boolean := false;
  v_fits boolean;
  v_seen text[] := '{}';
  v_names text;
  v_schema text;
  v_table text;
  v_column text;
  v_constraint text;
  v_type text;
  v_function text;
  v_role text;
begin
  -- With one of these every write fails, so a trial would find nothing else.
  if p_passed_over && '{clerk_id,is_active,deleted_at,synced_at}'
    or exists (select from pg_rewrite where ev_class = v_id) then
    return;
  end if;
  select string_agg(quote_ident(c.name), ', '), string_agg(c.value, ', '),
    string_agg(case when c.name = any ('{email,username,slug}') then format('lower(%s)', c.value) else c.value end, ', '),
    string_agg(case when c.type = 'text' or c.name = 'last_sign_in_at' then 'null' else c.value end, ', '),
    string_agg(coalesce(c.fallback, 'null'), ', '),
    string_agg(format('%I = excluded.%1$I', c.name), ', '),
    string_agg(format('%I = %s', c.name, coalesce(c.fallback, 'null')), ', ') filter (where c.erased),
    string_agg(format('%I is not distinct from %s', c.name, coalesce(c.fallback, 'null')), ' and ') filter (where c.erased)
  into v_columns, v_values, v_lowered, v_nulls, v_no_state, v_updates, v_erasure, v_erased
  from (
    select c.name, c.type, c.fallback,
      -- As in purge_deleted_users().
      c.type in ('text', 'jsonb') or c.name in ('email_verified', 'last_sign_in_at') as erased,
      case
        when c.name = 'email' then '''PreFlight@Example.com'''
        when c.name = 'phone' then '''+12015550123'''
        when c.name = 'role' then '''org:admin'''
        when c.name in ('user_clerk_id', 'created_by') then quote_literal('user_' || v_made_up)
        when c.name = 'organization_clerk_id' then quote_literal('org_' || v_made_up)
        when c.name = 'image_url' then '''https://img.clerk.com/' || repeat('preflight', 20) || ''''
        when c.type = 'text' then '''PreFlight'''
        when c.type = 'text[]' then '''{org:sys_profile:read}''::text[]'
        when c.type = 'jsonb' then quote_literal(v_object) || '::jsonb'
        when c.type = 'boolean' then 'false'
        else '''2026-01-01T00:00:00Z''::timestamptz'
      end as value
    from pg_temp.clerk_columns() as c
    where c.relation = p_relation and c.synchronised and c.name <> all (p_passed_over)
  ) as c;
  -- A primary key needs its columns.
  select string_agg(a.action, ', ') into v_required
  from pg_temp.clerk_existing_columns() as c
  left join pg_constraint as k on k.conrelid = c.id and k.contype = 'p' and c.number = any (k.conkey)
  cross join lateral (
    select format('drop constraint if exists %I cascade', k.conname) as action where k.oid is not null
    union all
    select format('alter column %I drop not null', c.name)
  ) as a
  where c.relation = p_relation and c.required and c.name = any (p_passed_over);
  -- What users read, and what they change of their own row, asks these policies.
  select jsonb_agg(jsonb_build_object('name', p.polname, 'expression', e.expression)) into v_policies
  from pg_policy as p
  cross join lateral (
    select pg_get_expr(p.polqual, p.polrelid) where p.polcmd in ('r', '*') or p.polcmd = 'w' and p_relation = 'public.users'
    union
    select pg_get_expr(p.polwithcheck, p.polrelid) where p.polcmd in ('w', '*') and p_relation = 'public.users'
  ) as e (expression)
  where p.polrelid = v_id and e.expression is not null
    and p.polroles && array(select pg_temp.clerk_user_roles());
  begin
    if v_required is not null then
      execute format('alter table %s %s', p_relation, v_required);
    end if;
    -- A row that does not meet one of these takes no state.
    for v_item in
      select conname as name from pg_constraint as k
      where conrelid = v_id and not convalidated and to_jsonb(k) ->> 'conenforced' is distinct from 'false'
    loop
      execute format('alter table %s validate constraint %I', p_relation, v_item.name);
    end loop;
    -- The rights that the next migrations give.
    execute format('grant select, insert, update on %s to service_role', p_relation);
    execute format('grant select, update (metadata) on %s to authenticated', p_relation);
    -- Policies may look into the other tables.
    for v_item in select t.relation from pg_temp.clerk_tables() as t where t.reachable loop
      perform pg_temp.clerk_obey(format('grant select on %s to authenticated;', v_item.relation));
    end loop;
    -- The policies wait: one that fails would hide what comes after it.
    for v_item in select polname as name from pg_policy where polrelid = v_id loop
      execute format('drop policy %I on %s', v_item.name, p_relation);
    end loop;
    execute format('alter table %s enable row level security', p_relation);
    execute format('create policy clerk_preflight on %s to authenticated using (clerk_id = %L)', p_relation, v_lower);

    -- What becomes of Clerk's rows, in this order. Each step is like a transaction of its own.
    <<steps>>
    for v_step in
      select s.* from (
        values
          ('a new row', 'state', array[v_one], v_values, null),
          ('a row with the values of another', 'state', array[v_two], v_values, null),
          ('a row with the values of another in lower case', 'state', array[v_lower], v_lowered, null),
          ('a change', 'state', array[v_one, v_two], v_nulls, null),
          ('a change to the values of another', 'state', array[v_one, v_two], v_lowered, null),
          ('a change to the values of another in upper and lower case', 'state', array[v_one, v_two], v_values, null),
          -- Before created_at: a row may be created long after the event.
          ('a deletion', 'deletion', array[v_one, v_gone], v_no_state, timestamptz '2026-01-02T00:00:00Z'),
          ('an earlier deletion', 'deletion', array[v_one, v_gone], v_no_state, '2026-01-01T00:00:00Z'),
          ('a late state of a deleted row', 'state', array[v_one, v_gone], v_values, '2026-01-01T00:00:00Z'),
          ('an erasure', 'erasure', array[v_one, v_gone], null, '2026-01-01T00:00:00Z'),
          ('a user''s change of metadata', 'own', array[v_lower], null, null)
      ) as s (name, kind, ids, content, deleted_at)
      where s.kind in ('state', 'deletion') or p_relation = 'public.users'
    loop
      -- Until nothing is in the way any more.
      loop
        begin
          set constraints all deferred;
          if v_step.kind = 'own' then
            perform pg_temp.clerk_sign_in(v_lower);
            execute format('update %s set metadata = %L where clerk_id = %L', p_relation, v_object, v_lower);
          else
            perform set_config('request.jwt.claims', '{"role":"service_role"}', true);
            set local role service_role;
            if v_step.kind = 'erasure' then
              execute format(
                'update %s set %s, metadata = ''{}'', erased_at = now() where clerk_id = any (%L)', p_relation, v_erasure, v_step.ids
              );
            else
              execute format(
                'insert into %s as c (clerk_id, is_active, deleted_at, synced_at, %s) '
                'select i, %L, %L::timestamptz, now(), %s from unnest(%L::text[]) as i '
                'on conflict (clerk_id) do update set is_active = excluded.is_active and c.deleted_at is null, '
                'synced_at = excluded.synced_at, updated_at = now(), %s',
                p_relation, v_columns, v_step.kind = 'state', case v_step.kind when 'deletion' then v_step.deleted_at end,
                v_step.content, v_step.ids, case v_step.kind when 'state' then v_updates else 'deleted_at = excluded.deleted_at' end
              );
            end if;
            execute format(
              'select count(*) from %s where clerk_id = any (%L) and is_active = (deleted_at is null) and deleted_at is not distinct from %L',
              p_relation, v_step.ids, v_step.deleted_at
            ) || case v_step.kind
              when 'state' then format(' and (%s) is not distinct from row (%s)', v_columns, v_step.content)
              when 'erasure' then format(' and erased_at = now() and %s', v_erased)
              else ''
            end
            into v_written;
            if v_written <> cardinality(v_step.ids) and not v_changed then
              v_changed := true;
              return query select p_relation,
                format('a trigger blocks or changes what synchronisation writes (%s, tried as service_role). It is one of: %s',
                  v_step.name,
                  coalesce((
                    select string_agg(t.tgname, ', ' order by t.tgname) from pg_trigger as t
                    where t.tgrelid = v_id and not t.tgisinternal and t.tgenabled <> 'D'
                  ), 'another table''s')),
                'let it write only to columns of your own, or drop it';
            end if;
          end if;
          set constraints all immediate;
          execute format('set local role %I', v_owner);
          set local search_path = pg_catalog, pg_temp;
          exit;
        exception when others or assert_failure then
          get stacked diagnostics
            v_schema = schema_name, v_table = table_name, v_column = column_name, v_constraint = constraint_name,
            v_type = pg_datatype_name, v_function = pg_exception_context;
          v_function := pg_temp.clerk_function_in(v_function);
          v_role := case v_step.kind when 'own' then 'authenticated' else 'service_role' end;
          relation := p_relation;
          what := format('%s is refused (tried as %s): SQLSTATE %s', v_step.name, v_role,
            concat_ws(
              ' ', sqlstate, nullif(concat_ws('.', nullif(v_table, ''), nullif(v_column, '')), ''), nullif(v_constraint, ''),
              'type ' || nullif(v_type, ''), 'in ' || v_function,
              -- These messages quote only names; others may quote values.
              case when sqlstate ~ '^(0A|2B|42|54|55)' then '(' || sqlerrm || ')' end
            ));
          way_on := pg_temp.clerk_way_on(
            p_relation, sqlstate, v_schema, v_table, v_column, v_constraint, v_type, v_function, v_role
          );
          exit steps when way_on = any (v_seen);
          v_seen := v_seen || way_on;
          -- Otherwise it is already listed.
          if (v_column = any (p_passed_over)) is not true then
            return next;
          end if;

          -- Takes away what has failed, to find what else does.
          if not pg_temp.clerk_obey(way_on) and not (
            v_function is null and pg_temp.clerk_obey(format('alter table %s alter column %I drop not null;', p_relation, v_column))
          ) then
            select string_agg(format('alter table %s disable trigger %I', p_relation, t.tgname), '; ') into v_names
            from (
              select t.tgname, c.called, bool_or(c.called) over () as any_called
              from pg_trigger as t
              join pg_proc as p on p.oid = t.tgfoid
              cross join lateral (select v_function in (p.oid::regproc::text, quote_ident(p.proname)) as called) as c
              where t.tgrelid = v_id and not t.tgisinternal and t.tgenabled <> 'D'
            ) as t
            where t.called or t.any_called is not true;
            exit steps when v_names is null;
            execute v_names;
          end if;
        end;
      end loop;
    end loop;

    select pg_get_expr(d.adbin, d.adrelid) as expression into v_item
    from pg_attrdef as d join pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where d.adrelid = v_id and a.attname = 'metadata';
    execute format(
      'select jsonb_typeof(m) = ''object'' and octet_length(m::text) <= 16384 from (select (%s)::jsonb) as d (m)', v_item.expression
    ) into v_fits;
    if not v_fits then
      return query select p_relation, 'the default of metadata is not a JSON object of at most 16 KiB',
        format('alter table %s alter column metadata set default ''{}'';', p_relation);
    end if;
    for v_item in select * from jsonb_to_recordset(v_policies) as p (name text, expression text) loop
      begin
        execute format(
          'create policy clerk_preflight_tried on %s as restrictive for select to authenticated using (%s)',
          p_relation, v_item.expression
        );
        perform pg_temp.clerk_sign_in(case p_relation when 'public.users' then v_lower else 'user_' || v_made_up end);
        execute format('select count(*) from %s where clerk_id = %L', p_relation, v_lower);
        raise exception using errcode = 'CLSOK';
      exception
        when sqlstate 'CLSOK' then null;
        when others or assert_failure then
          return query select p_relation,
            format('policy "%s" fails for Clerk''s users: SQLSTATE %s', v_item.name,
              concat(sqlstate, case when sqlstate ~ '^(0A|2B|42|54|55)' then ' (' || sqlerrm || ')' end)),
            format('drop policy %I on %s;', v_item.name, p_relation);
      end;
    end loop;
    -- Undoes everything.
    raise exception using errcode = 'CLSOK';
  exception when sqlstate 'CLSOK' then return;
  end;
end
$$;

create or replace function pg_temp.clerk_try_new_table()
returns table (relation text, what text, way_on text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_context text;
begin
  -- Names that are taken are obstacles of their own.
  if coalesce(to_regclass('public.clerk_deliveries'), to_regclass('public.clerk_deliveries_received_at')) is not null
    or to_regtype('public.clerk_deliveries') is not null then
    return;
  end if;
  -- Event triggers may refuse a new table or what belongs to it, or give it a trigger that refuses its rows.
  create table public.clerk_deliveries (delivery_id text primary key, outcome text);
  create index clerk_deliveries_received_at on public.clerk_deliveries (outcome);
  alter table public.clerk_deliveries add constraint clerk_deliveries_attempted check (outcome <> '');
  alter table public.clerk_deliveries enable row level security;
  create policy "The service role keeps the ledger" on public.clerk_deliveries to service_role using (true);
  comment on table public.clerk_deliveries is 'Tried by the preflight.';
  grant select, insert, update, delete on public.clerk_deliveries to service_role;
  set local role service_role;
  insert into public.clerk_deliveries (delivery_id) values ('preflight');
  update public.clerk_deliveries set outcome = 'created' where delivery_id = 'preflight';
  delete from public.clerk_deliveries where delivery_id = 'preflight';
  set constraints all immediate;
  -- Undoes everything.
  raise exception using errcode = 'CLSOK';
exception
  when sqlstate 'CLSOK' then
    return;
  when others or assert_failure then
    get stacked diagnostics v_context = pg_exception_context;
    v_context := pg_temp.clerk_function_in(v_context);
    return query select 'public.clerk_deliveries',
      format('a new table is refused, or its rows (tried as service_role): SQLSTATE %s', concat_ws(
        ' ', sqlstate, 'in ' || v_context,
        -- This message quotes only names; others may quote values.
        case when sqlstate = '42501' then '(' || sqlerrm || ')' end
      )),
      coalesce(
        pg_temp.clerk_search_path_for(v_context, sqlstate), 'fix function ' || v_context || ', or drop its event trigger',
        'grant it'
      );
end
$$;

do $$
declare
  v_found text[];
  v_obstacles jsonb;
  v_table record;
  v_tables text[];
  v_obstacle record;
  -- Relations with obstacles that only the owner can remove.
  v_left text[];
  v_obstructed boolean;
  v_passed_over text[];
  v_way_on text;
  v_schema text;
  v_name text;
  v_column text;
  v_constraint text;
  v_type text;
  v_detail text;
  v_context text;
begin
  for v_table in
    select r.relation, string_agg(format('%s (%s)', r.name, r.rights), ', ' order by r.name) as rights
    from (
      select t.relation, g.name, string_agg(lower(x.privilege_type), ', ' order by x.privilege_type) as rights
      from pg_temp.clerk_tables() as t
      join pg_class as c on c.oid = t.id
      cross join lateral aclexplode(c.relacl) as x
      cross join lateral (select case x.grantee when 0 then 'public' else x.grantee::regrole::text end as name) as g
      where g.name in ('public', 'anon', 'authenticated')
        and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
      group by 1, 2
    ) as r
    group by 1
  loop
    raise warning '% loses the rights of % and gets those of a new installation', v_table.relation, v_table.rights;
  end loop;
  for v_table in
    select c.relation from pg_temp.clerk_existing_columns() as c
    join pg_class as r on r.oid = c.id
    where c.relation = 'public.users' and c.name = 'metadata' and not (
      has_column_privilege('authenticated', c.id, c.number, 'update')
      and (not r.relrowsecurity or exists (
        select from pg_policy as p
        where p.polrelid = c.id and p.polpermissive and p.polcmd in ('w', '*')
          and p.polroles && array(select pg_temp.clerk_api_roles())
      ))
    )
  loop
    raise warning 'users may now change metadata in their own row of %', v_table.relation;
  end loop;

  -- Not in a table: event triggers would see it come and go.
  select jsonb_agg(o) into v_obstacles
  from (
    select 1 as turn, * from pg_temp.clerk_obstacles_of_names()
    union all
    select 2, * from pg_temp.clerk_obstacles_of_tables()
    union all
    select 3, * from pg_temp.clerk_obstacles_of_rights()
    union all
    select 3, * from pg_temp.clerk_obstacles_of_our_names()
    union all
    select 3, * from pg_temp.clerk_obstacles_of_hidden_columns()
    union all
    select 4, * from pg_temp.clerk_obstacles_of_rows()
    union all
    select 5, * from pg_temp.clerk_try_new_table()
    union all
    select 6, * from pg_temp.clerk_obstacles_of_types()
  ) as o;

  v_tables := array(select t.relation from pg_temp.clerk_tables() as t where t.reachable order by 1);
  -- The attempts are on what would be left after the ways on.
  for v_obstacle in
    select o.relation, o.way_on from jsonb_to_recordset(v_obstacles) as o (turn integer, relation text, what text, way_on text)
    order by o.way_on !~ 'drop '
  loop
    if not pg_temp.clerk_obey(v_obstacle.way_on) then
      v_left := v_left || v_obstacle.relation::text;
    end if;
  end loop;

  for v_table in select unnest(v_tables) as relation loop
    v_obstructed := exists (
      select from pg_temp.clerk_parts() as p where p.relation = v_table.relation and p.name = any (v_left)
    );
    if exists (
      select from jsonb_to_recordset(v_obstacles) as o (turn integer, relation text, what text, way_on text) where o.relation = v_table.relation and (
        o.what like '%row(s) with duplicate clerk_id' or starts_with(o.what, 'column clerk_id is ')
      )
    ) then
      -- Without a difference there could be no unique index, and no trial. Not for triggers to see.
      begin
        execute (
          select concat(
            string_agg(format('alter table %s disable trigger %I; ', v_table.relation, t.tgname), ''),
            format('update %s set clerk_id = clerk_id || ctid::text; set constraints all immediate; ', v_table.relation),
            string_agg(format(
              'alter table %s enable %s trigger %I; ', v_table.relation,
              case t.tgenabled when 'R' then 'replica' when 'A' then 'always' end, t.tgname
            ), '')
          )
          from pg_trigger as t
          where t.tgrelid = to_regclass(v_table.relation) and not t.tgisinternal and t.tgenabled <> 'D'
        );
      exception when others or assert_failure then null;
      end;
    end if;
    v_passed_over := array(
      select c.name from pg_temp.clerk_existing_columns() as c
      where c.relation = v_table.relation and (c.ours and (c.made or not c.fits and not c.widens) or not c.ours and c.required
        and exists (select from jsonb_to_recordset(v_obstacles) as o (turn integer, relation text, what text, way_on text) where o.relation = c.relation and o.what like 'column ' || c.name || ' is required %'))
    );
    loop
      begin
        perform pg_temp.clerk_fit(v_table.relation);
        v_obstacles := coalesce(v_obstacles, '[]') || coalesce((
          select jsonb_agg(n) from (
            select 5 as turn, t.* from pg_temp.clerk_try(v_table.relation, v_passed_over) as t
            where not exists (
              select from jsonb_to_recordset(v_obstacles) as o (turn integer, relation text, what text, way_on text)
              where o.relation = t.relation and starts_with(o.way_on, t.way_on)
            )
          ) as n
        ), '[]');
        exit;
      exception when others or assert_failure then
        -- With an obstacle that is still there, this may just follow from it.
        exit when v_obstructed;
        get stacked diagnostics
          v_schema = schema_name, v_name = table_name, v_column = column_name, v_constraint = constraint_name,
          v_type = pg_datatype_name, v_detail = pg_exception_detail, v_context = pg_exception_context;
        v_way_on := coalesce(
          pg_temp.clerk_search_path_for(pg_temp.clerk_function_in(v_context), sqlstate),
          pg_temp.clerk_way_on(v_table.relation, sqlstate, v_schema, v_name, v_column, v_constraint, v_type, null, current_user)
        );
        v_obstructed := not pg_temp.clerk_obey(v_way_on);
        v_obstacles := coalesce(v_obstacles, '[]') || jsonb_build_object(
          'turn', 5, 'relation', v_table.relation,
          -- These messages quote only names; others may quote values.
          'what', 'cannot be adapted: ' || case
            when sqlstate ~ '^(0A|2B|42|54|55)' then concat_ws('. ', sqlerrm, nullif(v_detail, ''))
            else 'SQLSTATE ' || concat_ws(
              ' ', sqlstate, nullif(concat_ws('.', nullif(v_name, ''), nullif(v_column, '')), ''), nullif(v_constraint, '')
            )
          end,
          'way_on', case v_way_on
            when 'choose another schema' then 'drop what depends on it, migrate, and create that again; or choose another schema'
            else v_way_on
          end
        );
        exit when v_obstructed;
      end;
    end loop;
  end loop;

  -- What is dropped for good comes last: other ways on may alter it first.
  select array_agg(format(E'%s. %s: %s\n   %s', o.place, o.relation, o.what, o.way_on) order by o.place)
  into v_found
  from (
    select *, row_number() over (order by turn = 6, relation, turn, what) as place
    from jsonb_to_recordset(v_obstacles) as o (turn integer, relation text, what text, way_on text)
  ) as o;
  if v_found is not null then
    raise exception using
      errcode = 'object_not_in_prerequisite_state',
      message = concat_ws(
        E'\n', 'Clerk''s tables cannot be set up in this database as it is. Nothing has been changed. In the way:',
        array_to_string(v_found, E'\n'),
        'Remove what you do not need, and migrate again. Or leave these tables as they are and give Clerk''s a schema of '
          || 'their own: set CLERK_SYNC_SCHEMA to its name, such as clerk, and migrate'
      );
  end if;
end
$$;

reset quote_all_identifiers;
reset client_min_messages;
