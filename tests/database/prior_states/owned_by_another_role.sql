--role supabase_admin
-- Before PostgreSQL 16 only a superuser could make such a role.
create role prior_state_owner login bypassrls createdb; grant prior_state_owner to postgres with admin option;
\c - postgres
grant usage, create on schema public to prior_state_owner;
set role prior_state_owner;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
insert into public.users(clerk_id,email) values ('user_1','a@x.c');
reset role;
