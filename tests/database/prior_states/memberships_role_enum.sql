create type public.org_role as enum ('admin', 'member');
create table public.organization_memberships (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, role public.org_role);
