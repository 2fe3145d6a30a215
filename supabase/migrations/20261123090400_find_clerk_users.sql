-- Reads what users-me answers with, for all who ask at the same time in one round trip.

create or replace function clerk_sync.organizations_of(p_user_clerk_id text) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select jsonb_agg(
      jsonb_build_object(
        'clerk_id', m.organization_clerk_id, 'name', o.name, 'slug', o.slug, 'role', m.role
      )
      order by m.organization_clerk_id collate "C"
    )
    from clerk_sync.current_memberships(p_user_clerk_id) as m
    left join public.organizations as o on o.clerk_id = m.organization_clerk_id
  ), '[]');
end
$$;
comment on function clerk_sync.organizations_of(text) is 'The organizations that a user belongs to, as find_clerk_users() returns them.';

create or replace function public.find_clerk_users(p_clerk_ids text[])
returns table (clerk_id text, "user" jsonb, active boolean, organizations jsonb)
language plpgsql stable security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- A kept plan outlives the table size that it was made for.
set enable_seqscan = off
as $$
declare
  v_whole constant boolean := has_table_privilege('authenticated', 'public.users', 'select');
  -- Not "public.users": if that is missing, the error must say that it is a table.
  v_row record;
begin
  -- One by one: most calls are about one user, for whom a query of a set would cost PostgreSQL a fourth more.
  foreach clerk_id in array coalesce(p_clerk_ids, '{}') loop
    select * into v_row from public.users as u where u.clerk_id = find_clerk_users.clerk_id;
    continue when not found;
    "user" := to_jsonb(v_row);
    active := clerk_sync.is_active_user("user");
    if not v_whole then
      "user" := clerk_sync.visible_user("user");
    end if;
    -- Costs far less than to find out that the list is empty.
    perform from public.organization_memberships as m where m.user_clerk_id = find_clerk_users.clerk_id;
    organizations := case when found then clerk_sync.organizations_of(clerk_id) else '[]' end;
    return next;
  end loop;
end
$$;
comment on function public.find_clerk_users(text[]) is 'For each of these users their row with the columns that they may read, whether they are active, and the organizations they belong to: [{clerk_id, name, slug, role}]. name and slug are null until the organization''s own event has arrived. No row for an id that no user has.';

revoke all on function clerk_sync.organizations_of(text) from public;
grant execute on function clerk_sync.organizations_of(text) to service_role;
revoke all on function public.find_clerk_users(text[]) from public, anon, authenticated, service_role;
grant execute on function public.find_clerk_users(text[]) to service_role;

notify pgrst, 'reload schema';
