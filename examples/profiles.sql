-- An example: what users see of each other. Name, username and picture, never the email address.
--
-- To use it, make it a migration of your own, and change it. There are two views: keep the one that you need.
--   profiles: every active user sees every active user.
--   colleagues: every active user sees the active members of their own organizations.
--   npx -y supabase@3.1.0 migration new profiles < examples/profiles.sql
-- If the users are in another schema, replace public.users and public.organization_memberships with their names there.
-- This repository's tests compare all tables and views with a list: add yours to tests/rights/expected.ts.
--
-- Views, because policies choose rows, not columns: one that showed users each other's rows would show email addresses
-- too. The views read with their owner's rights, past the policies of users. Supabase's advisor therefore reports them
-- (security_definer_view). What protects the users is here:
--   Only the columns that are named.
--   The conditions. clerk_auth.user_id() is null for everybody who is not an active, signed-in user.
--   "security_barrier": no condition of a query is evaluated on rows that the view does not show. Only those on id,
--     clerk_id and the like (=, in) use an index. "like" reads every profile.
--   The rights at the end. Without them, users could write through "profiles" into users.

create view public.profiles with (security_barrier = true) as
  select u.id, u.clerk_id, u.first_name, u.last_name, u.username, u.image_url
  from public.users as u
  -- "(select …)" is evaluated once per statement.
  where (select clerk_auth.user_id()) is not null and u.is_active and not u.banned;
comment on view public.profiles is 'What every signed-in user may see of every active user.';

create view public.colleagues with (security_barrier = true) as
  select m.organization_clerk_id, m.role, u.id, u.clerk_id, u.first_name, u.last_name, u.username, u.image_url
  from public.organization_memberships as m
  join public.users as u on u.clerk_id = m.user_clerk_id
  -- Empty for everybody who is not an active, signed-in user.
  where m.organization_clerk_id = any ((select clerk_auth.organization_ids())::text[])
    and m.is_active and u.is_active and not u.banned;
comment on view public.colleagues is 'What the members of an organization may see of each other. One row for each user and organization.';

comment on column public.profiles.id is 'users.id.';
comment on column public.profiles.clerk_id is 'Clerk''s id of the user.';
comment on column public.colleagues.organization_clerk_id is 'Clerk''s id of the organization.';
comment on column public.colleagues.role is 'The user''s role in it, such as org:admin.';
comment on column public.colleagues.id is 'users.id.';
comment on column public.colleagues.clerk_id is 'Clerk''s id of the user.';

-- Older projects grant everything on a new view to the API's roles. The server reads users itself.
revoke all on table public.profiles, public.colleagues from public, anon, authenticated, service_role;
grant select on table public.profiles, public.colleagues to authenticated;

notify pgrst, 'reload schema';
