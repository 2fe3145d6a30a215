create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
alter table public.users enable row level security;
create policy "From the application" on public.users as restrictive for select to authenticated using (coalesce(current_setting('request.headers')::json->>'x-client', 'app') <> 'script');
comment on policy "From the application" on public.users is 'clerk-supabase-sync: keep';
create policy "Second factor" on public.users as restrictive for update to authenticated using ((auth.jwt()->'fva'->>0)::int >= 0);
comment on policy "Second factor" on public.users is 'clerk-supabase-sync: keep';
