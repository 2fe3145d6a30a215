create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.no_tables() returns event_trigger language plpgsql as $$ begin raise exception 'Ask us for new tables'; end $$;
\c - supabase_admin
create event trigger no_tables on ddl_command_start when tag in ('CREATE TABLE') execute function public.no_tables();
