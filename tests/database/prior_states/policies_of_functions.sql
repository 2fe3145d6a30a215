create table public.users (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, is_admin boolean not null default false
);
create table public.blocked (clerk_id text);
-- They find their tables by the search_path of the API.
create function public.is_admin() returns boolean language plpgsql stable security definer as $$
begin
  return exists (select from users where clerk_id = auth.jwt() ->> 'sub' and is_admin);
end
$$;
create function public.is_blocked() returns boolean language sql stable security definer as $$
  select exists (select from blocked where clerk_id = auth.jwt() ->> 'sub')
$$;
alter table public.users enable row level security;
create policy "admins and own" on public.users for select to authenticated
  using ((select public.is_admin()) or clerk_id = (auth.jwt() ->> 'sub'));
comment on policy "admins and own" on public.users is 'clerk-supabase-sync: keep';
create policy "Never at night" on public.users as restrictive to authenticated using (not (select public.is_blocked()));
