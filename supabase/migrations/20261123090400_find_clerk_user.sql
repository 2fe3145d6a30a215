-- What users-me answers with, in one round trip.

create or replace function public.find_clerk_user(p_clerk_id text)
returns table ("user" jsonb, organizations jsonb)
language sql stable security invoker
set search_path = ''
set timezone = 'UTC'
as $$
  select
    to_jsonb(u),
    coalesce((
      select jsonb_agg(
        jsonb_build_object(
          'clerk_id', m.organization_clerk_id, 'name', o.name, 'slug', o.slug, 'role', m.role
        )
        order by m.organization_clerk_id collate "C"
      )
      from (
        -- Who has left and joined again has several memberships, of which Clerk means the last one.
        select distinct on (m.organization_clerk_id) m.*
        from public.organization_memberships as m
        where m.user_clerk_id = u.clerk_id
        order by m.organization_clerk_id, m.clerk_created_at desc nulls last, m.clerk_id collate "C" desc
      ) as m
      left join public.organizations as o on o.clerk_id = m.organization_clerk_id
      where m.is_active and o.is_active is not false
    ), '[]')
  from public.users as u
  where u.clerk_id = p_clerk_id
$$;
comment on function public.find_clerk_user(text) is 'A user''s row and the organizations they belong to: [{clerk_id, name, slug, role}], name and slug null while the organization''s own event is still to come. No row where there is no such user.';

revoke all on function public.find_clerk_user(text) from public, anon, authenticated, service_role;
grant execute on function public.find_clerk_user(text) to service_role;

notify pgrst, 'reload schema';
