create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
alter table public.users enable row level security;
create policy "a" on public.users for insert to anon with check (true);
create policy "b" on public.users for delete to authenticated using (clerk_id = (auth.jwt()->>'sub'));
create policy "c" on public.users as restrictive for all using (auth.uid() is not null);
create policy "d'""e" on public.users for update to authenticated using (true);
create policy "kept, but fails" on public.users for select using (auth.uid() is not null);
comment on policy "kept, but fails" on public.users is 'clerk-supabase-sync: keep';
