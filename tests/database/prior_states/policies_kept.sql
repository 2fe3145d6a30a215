create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
alter table public.users enable row level security;
create policy "Support reads all" on public.users for select to authenticated using ((select auth.jwt()->>'support') = 'true');
comment on policy "Support reads all" on public.users is 'clerk-supabase-sync: keep';
create policy "Server" on public.users for all to service_role using (true) with check (true);
create policy "Never at night" on public.users as restrictive for all to authenticated using (true);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
