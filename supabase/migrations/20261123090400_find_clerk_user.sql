-- Reads what users-me answers with, in one round trip.

create or replace function public.find_clerk_user(p_clerk_id text)
returns table ("user" jsonb, active boolean, organizations jsonb)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  select
    clerk_sync.visible_user(to_jsonb(u)),
    clerk_sync.is_active_user(to_jsonb(u)),
    coalesce((
      select jsonb_agg(
        jsonb_build_object(
          'clerk_id', m.organization_clerk_id, 'name', o.name, 'slug', o.slug, 'role', m.role
        )
        order by m.organization_clerk_id collate "C"
      )
      from clerk_sync.current_memberships(u.clerk_id) as m
      left join public.organizations as o on o.clerk_id = m.organization_clerk_id
    ), '[]')
  from public.users as u
  where u.clerk_id = p_clerk_id
$$;
comment on function public.find_clerk_user(text) is 'A user''s row with the columns that they may read, whether they are active, and the organizations they belong to: [{clerk_id, name, slug, role}]. name and slug are null until the organization''s own event has arrived. No row if there is no such user.';

revoke all on function public.find_clerk_user(text) from public, anon, authenticated, service_role;
grant execute on function public.find_clerk_user(text) to service_role;

notify pgrst, 'reload schema';
