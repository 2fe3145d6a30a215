create role prior_state_member nologin;
grant prior_state_member to authenticated;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create materialized view public.emails as select email from public.users;
revoke all on public.emails from anon, authenticated;
grant select on public.emails to public;
create materialized view public.ids as select clerk_id from public.users;
revoke all on public.ids from anon, authenticated;
grant select (clerk_id) on public.ids to prior_state_member;
