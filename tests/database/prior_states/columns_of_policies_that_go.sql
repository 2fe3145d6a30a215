create table public.users (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, tenant integer not null default 1, "Bio" text
);
alter table public.users enable row level security;
create policy own on public.users for select to authenticated using (clerk_id = (select auth.jwt() ->> 'sub'));
insert into public.users (clerk_id) values ('user_1');
