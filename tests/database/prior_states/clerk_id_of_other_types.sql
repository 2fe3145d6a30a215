create table public.users (id uuid default gen_random_uuid() primary key, clerk_id uuid unique, email text unique);
insert into public.users (clerk_id, email) values (gen_random_uuid(), 'a@x.c');
create table public.organizations (id uuid default gen_random_uuid() primary key, clerk_id bigint, name text);
insert into public.organizations (clerk_id) values (1), (1);
create table public.organization_memberships (id uuid default gen_random_uuid() primary key, clerk_id integer[] unique);
