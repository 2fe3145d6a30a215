create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, internal_notes text);
alter table public.users enable row level security;
create policy admins on public.users for select to authenticated using ((auth.jwt()->>'app_role') = 'admin');
comment on policy admins on public.users is 'clerk-supabase-sync: keep';
insert into public.users (clerk_id, email, internal_notes) values ('user_1', 'a@x.c', 'suspect');
