create table public.users (id uuid primary key references auth.users, clerk_id text, email text unique, tenant int not null, phone bigint);
create table public.organizations (id uuid primary key, name text);
create table public.organization_memberships (id uuid primary key default gen_random_uuid(), clerk_id text unique, user_clerk_id uuid);
create view public.everybody as select * from public.users;
grant select on public.everybody to anon;
insert into auth.users values ('00000000-0000-0000-0000-000000000001');
insert into public.users values ('00000000-0000-0000-0000-000000000001', '', 'a@x.c', 1, 1);
