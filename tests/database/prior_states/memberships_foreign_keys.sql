create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create table public.organizations (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, name text not null);
create table public.organization_memberships (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null,
  organization_clerk_id text not null references public.organizations (clerk_id),
  user_clerk_id text not null references public.users (clerk_id), role text not null, unique (organization_clerk_id, user_clerk_id)
);
insert into public.users (clerk_id) values ('user_1');
insert into public.organizations (clerk_id, name) values ('org_1', 'A');
insert into public.organization_memberships (clerk_id, organization_clerk_id, user_clerk_id, role) values ('orgmem_1', 'org_1', 'user_1', 'org:admin');
