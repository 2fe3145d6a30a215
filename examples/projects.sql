-- An example: a table that belongs to Clerk's organizations. Members of an organization see and edit its projects, its
-- admins delete them, and nobody else sees anything.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new projects < examples/projects.sql
-- This repository's tests compare all tables with a list: add yours to tests/rights/expected.ts.

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  -- No foreign key: a member may be faster than the event about the organization.
  organization_clerk_id text not null,
  name text not null,
  created_by text default clerk_auth.user_id(),
  created_at timestamptz not null default now()
);

-- For the policies.
create index projects_organization_clerk_id_idx on public.projects (organization_clerk_id);

comment on table public.projects is 'Projects. Each belongs to one of Clerk''s organizations.';
comment on column public.projects.organization_clerk_id is 'Clerk''s id of the organization (org_…).';
comment on column public.projects.created_by is 'Clerk''s id of the user who created it.';

alter table public.projects enable row level security;

-- "(select …)" is evaluated once per statement, and its result can be looked up in the index.
create policy "Members read their organizations' projects" on public.projects
  for select to authenticated
  using (organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]));

create policy "Members add projects to their organizations" on public.projects
  for insert to authenticated
  with check (organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]));

create policy "Members edit their organizations' projects" on public.projects
  for update to authenticated
  using (organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]))
  with check (organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]));

create policy "Admins delete their organizations' projects" on public.projects
  for delete to authenticated
  using (organization_clerk_id = any ((select clerk_auth.organization_ids('org:admin'))::text[]));

-- If the application shows only the organization that is active in the session, add:
--
--   create policy "Only the active organization's projects" on public.projects
--     as restrictive for all to authenticated
--     using (organization_clerk_id = (select clerk_auth.organization_id()));

-- Row Level Security limits rows, these rights limit columns: nobody can move a project to another organization or
-- create one under another user's name.
revoke all on table public.projects from public, anon, authenticated, service_role;
grant select, delete on table public.projects to authenticated;
grant insert (organization_clerk_id, name) on table public.projects to authenticated;
grant update (name) on table public.projects to authenticated;
grant select, insert, update, delete on table public.projects to service_role;

notify pgrst, 'reload schema';
