-- What reconcile asks the database: where rows differ from what Clerk says, and which rows Clerk did not speak of.

set client_min_messages = warning;

-- For counting and walking through rows by the time of creation in Clerk, as Clerk's API lists them.
create index if not exists users_clerk_created_at on public.users (clerk_created_at) where deleted_at is null;
create index if not exists organizations_clerk_created_at on public.organizations (clerk_created_at) where deleted_at is null;
create index if not exists organization_memberships_clerk_created_at on public.organization_memberships (clerk_created_at) where deleted_at is null;

create or replace function clerk_sync.differing_columns(p_state jsonb, p_row jsonb) returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(s.key order by s.key), '{}')
  from jsonb_each(p_state) as s
  where s.key not in ('kind', 'clerk_id', 'deleted_at') and s.value is distinct from p_row -> s.key
$$;
comment on function clerk_sync.differing_columns(jsonb, jsonb) is 'The names of the columns in which a row is not what a state says.';

create or replace function public.compare_clerk_facts(p_facts jsonb)
returns table (item integer, difference text, columns text[], ahead boolean, seen timestamptz)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  with fact as (
    select f.item, f.fact ->> 'kind' as kind, f.fact ->> 'clerk_id' as clerk_id, f.fact
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
  ),
  pair as (
    select f.item, f.kind, to_jsonb(jsonb_populate_record(null::clerk_sync.user_fact, f.fact)) as state, to_jsonb(c.*) as row
    from fact as f left join public.users as c on c.clerk_id = f.clerk_id
    where f.kind = 'user'
    union all
    select f.item, f.kind, to_jsonb(jsonb_populate_record(null::clerk_sync.organization_fact, f.fact)), to_jsonb(c.*)
    from fact as f left join public.organizations as c on c.clerk_id = f.clerk_id
    where f.kind = 'organization'
    union all
    -- A state that leaves out the user does not say that there is none.
    select f.item, f.kind, jsonb_strip_nulls(to_jsonb(jsonb_populate_record(null::clerk_sync.membership_fact, f.fact))), to_jsonb(c.*)
    from fact as f left join public.organization_memberships as c on c.clerk_id = f.clerk_id
    where f.kind = 'membership'
  ),
  compared as (
    select
      p.item, p.kind, p.state, p.row, clerk_sync.differing_columns(p.state, p.row) as columns,
      (p.state ->> 'clerk_updated_at')::timestamptz as at, (p.row ->> 'clerk_updated_at')::timestamptz as row_at
    from pair as p
  )
  select
    c.item::integer,
    case
      when c.row is null then 'missing'
      when c.row ->> 'deleted_at' is not null then 'wrongly_deleted'
      when c.kind = 'user' and (c.state ->> 'banned')::boolean and clerk_sync.is_active_user(c.row) then 'wrongly_active'
      else 'stale'
    end,
    case when c.row is not null and c.row ->> 'deleted_at' is null then c.columns end,
    coalesce(c.row_at > c.at, false),
    c.row_at
  from compared as c
  where c.row is null or c.row ->> 'deleted_at' is not null or cardinality(c.columns) > 0
  order by c.item
$$;
comment on function public.compare_clerk_facts(jsonb) is
'Compares states of users, organizations and memberships, as for apply_clerk_facts(), with their rows. Changes nothing.

Returns a row for each state that its row does not show; "item" counts from 1. "difference" is
missing: there is no row; stale: columns differ, and "columns" has their names; wrongly_active: the row is of an active user, whom Clerk has banned; wrongly_deleted: the row says that the subject is deleted.
"ahead" says that the row has a later time: it may know something newer, so ask Clerk again before you call it a difference. "seen" is the row''s clerk_updated_at, for repair_clerk_facts().';

create or replace function public.measure_clerk_rows(p_resource text, p_from timestamptz default null, p_to timestamptz default null)
returns table (rows bigint, middle timestamptz, undated bigint)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  with row as not materialized (
    select c.clerk_created_at from public.users as c where p_resource = 'user' and c.deleted_at is null
    union all
    select c.clerk_created_at from public.organizations as c where p_resource = 'organization' and c.deleted_at is null
    union all
    select c.clerk_created_at from public.organization_memberships as c where p_resource = 'membership' and c.deleted_at is null
  ),
  inside as (
    select count(*) as rows from row as r
    where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
  )
  select
    i.rows,
    (
      select r.clerk_created_at from row as r
      where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
      order by r.clerk_created_at
      offset i.rows / 2
      limit 1
    ),
    (select count(*) from row as r where r.clerk_created_at is null)
  from inside as i
$$;
comment on function public.measure_clerk_rows(text, timestamptz, timestamptz) is 'Counts the rows of a resource (user, organization or membership) that are not marked as deleted and were created in Clerk from p_from until before p_to; null stands for no limit. "middle" is the creation time of the one in the middle. "undated" counts, whatever the limits, the rows that do not know when: no state has reached them.';

create or replace function public.find_unlisted_clerk_rows(
  p_resource text, p_listed text[], p_from timestamptz default null, p_to timestamptz default null, p_after text default ''
)
returns table (clerk_id text, difference text, organization_clerk_id text, user_clerk_id text)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $$
  with row as not materialized (
    select
      c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null as has_state, c.is_active,
      null::text as organization_clerk_id, null::text as user_clerk_id
    from public.users as c where p_resource = 'user' and c.deleted_at is null
    union all
    select c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null, c.is_active, null, null
    from public.organizations as c where p_resource = 'organization' and c.deleted_at is null
    union all
    select c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null, c.is_active, c.organization_clerk_id, c.user_clerk_id
    from public.organization_memberships as c where p_resource = 'membership' and c.deleted_at is null
  ),
  page as (
    select r.* from row as r
    where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
      and r.clerk_id <> all (p_listed) and r.clerk_id collate "C" > p_after
    order by r.clerk_id collate "C"
    limit 1000
  )
  select r.clerk_id,
    case
      when r.has_state and case p_resource
        -- Only of those that are returned: for a million rows it takes seconds.
        when 'user' then (select clerk_sync.is_active_user(to_jsonb(c.*)) from public.users as c where c.clerk_id = r.clerk_id)
        else r.is_active
      end
      then 'wrongly_active'
      else 'extra'
    end,
    r.organization_clerk_id, r.user_clerk_id
  from page as r
  order by r.clerk_id collate "C"
$$;
comment on function public.find_unlisted_clerk_rows(text, text[], timestamptz, timestamptz, text) is 'The rows of a resource that are not marked as deleted, were created in Clerk from p_from until before p_to, and are not among p_listed, the ids that Clerk has listed there. At most 1,000, by id, after p_after. "difference" is what each would be if Clerk no longer has it, which is still to be proven: wrongly_active, or extra if the row lets nobody in or no state has ever reached it.';

create or replace function public.find_undated_clerk_rows(p_resource text, p_after text default '')
returns table (clerk_id text, difference text, organization_clerk_id text, user_clerk_id text)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $$
  select c.clerk_id, 'extra', null::text, null::text from public.users as c
  where p_resource = 'user' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  union all
  select c.clerk_id, 'extra', null, null from public.organizations as c
  where p_resource = 'organization' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  union all
  select c.clerk_id, 'extra', c.organization_clerk_id, c.user_clerk_id from public.organization_memberships as c
  where p_resource = 'membership' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  order by 1
  limit 1000
$$;
comment on function public.find_undated_clerk_rows(text, text) is 'The rows of a resource that are not marked as deleted and do not know when Clerk created their subject, as find_unlisted_clerk_rows() returns them.';

create or replace function public.repair_clerk_facts(p_facts jsonb)
returns table (item integer, outcome text, reason text)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set lock_timeout = '4s'
as $$
begin
  if jsonb_path_exists(p_facts, '$[*].seen') then
    -- Keeps all other writers out, because these rows are locked before memberships are: see apply_facts().
    perform pg_advisory_xact_lock(hashtextextended('clerk facts', 0));
    -- A row that shows the right time or a later one, and yet the wrong state, would take no state that is not newer.
    -- Without its time it takes the next one. Not if it has changed since it was seen.
    update public.users as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'user' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
    update public.organizations as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'organization' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
    update public.organization_memberships as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'membership' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
  end if;
  return query select a.item, a.outcome, a.reason from public.apply_clerk_facts(p_facts) as a;
end
$$;
comment on function public.repair_clerk_facts(jsonb) is 'Writes states as apply_clerk_facts() does. A state with "seen", from compare_clerk_facts(), also replaces what the row shows at that time, even if that looks newer: somebody has changed the row by hand. For reconcile only, with states that Clerk has just given.';

revoke all on all functions in schema clerk_sync from public;
grant execute on all functions in schema clerk_sync to service_role;
revoke all on function public.compare_clerk_facts(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.compare_clerk_facts(jsonb) to service_role;
revoke all on function public.measure_clerk_rows(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.measure_clerk_rows(text, timestamptz, timestamptz) to service_role;
revoke all on function public.find_unlisted_clerk_rows(text, text[], timestamptz, timestamptz, text) from public, anon, authenticated, service_role;
grant execute on function public.find_unlisted_clerk_rows(text, text[], timestamptz, timestamptz, text) to service_role;
revoke all on function public.find_undated_clerk_rows(text, text) from public, anon, authenticated, service_role;
grant execute on function public.find_undated_clerk_rows(text, text) to service_role;
revoke all on function public.repair_clerk_facts(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.repair_clerk_facts(jsonb) to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
