create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, bio text);
alter table public.users enable row level security;
create policy own on public.users for select to authenticated using ((select auth.jwt()->>'sub') = clerk_id);
comment on policy own on public.users is 'clerk-supabase-sync: keep';
insert into public.users (clerk_id, email, bio) values ('user_1', 'a@x.c', 'Hello');
