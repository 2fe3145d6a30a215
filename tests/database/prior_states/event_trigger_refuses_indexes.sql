create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.no_indexes() returns event_trigger language plpgsql as $$ begin raise exception 'Use concurrently'; end $$;
\c - supabase_admin
create event trigger no_indexes on ddl_command_start when tag in ('CREATE INDEX') execute function public.no_indexes();
