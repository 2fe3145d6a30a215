create role prior_state_member nologin;
\c - supabase_admin
grant prior_state_member to authenticator;
\c - postgres
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
grant select, update on public.users to prior_state_member;
