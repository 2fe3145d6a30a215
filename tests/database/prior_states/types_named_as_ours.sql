create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create type public.organizations as (a int);
create domain public.organization_memberships as text;
create type public.clerk_deliveries as enum ('a', 'b');
create domain public.clerk_sync_runs as text;
