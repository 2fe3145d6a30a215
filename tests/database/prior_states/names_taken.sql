create table public.clerk_deliveries (id int);
create table public.clerk_sync_runs (id int);
create function public.find_clerk_users(p_id text) returns text language sql as $$ select p_id $$;
create schema clerk_sync; create table clerk_sync.queue (id int);
