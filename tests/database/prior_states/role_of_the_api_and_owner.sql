create role prior_state_owner nologin;
create role prior_state_member nologin;
grant prior_state_owner to postgres;
grant usage, create on schema public to prior_state_owner;
\c - supabase_admin
grant prior_state_member to authenticator;
\c - postgres
set role prior_state_owner;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
grant select on public.users to prior_state_member;
