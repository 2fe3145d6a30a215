create table public.users (id text primary key default gen_random_uuid(), clerk_id text unique, email text, plan text not null default 'free');
alter table public.users enable row level security;
create policy own on public.users for select to authenticated using (id = (select auth.jwt() ->> 'sub'));
insert into public.users (id, clerk_id) values ('user_1', 'user_1');
