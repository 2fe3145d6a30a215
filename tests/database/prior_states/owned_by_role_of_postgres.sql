create role prior_state_owner nologin;
grant usage, create on schema public to prior_state_owner;
grant prior_state_owner to postgres;
set role prior_state_owner;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
\c - postgres
revoke prior_state_owner from postgres;
