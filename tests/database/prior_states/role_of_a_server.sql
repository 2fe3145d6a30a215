create role prior_state_member login;
create role prior_state_owner nologin;
create table public.users (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, plan text not null default 'free'
);
create table public.organizations (id uuid primary key default gen_random_uuid(), clerk_id text unique not null);
insert into public.users (clerk_id) values ('user_1'), ('user_2');
grant select, insert, update on public.users to prior_state_member;
grant select (clerk_id) on public.users to prior_state_owner;
-- It decides already who sees which organization.
alter table public.organizations enable row level security;
grant select on public.organizations to prior_state_member;
