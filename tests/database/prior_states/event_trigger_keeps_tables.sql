create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.keep_tables() returns event_trigger language plpgsql as $$
begin
  if exists (select from pg_event_trigger_dropped_objects() where object_type = 'table') then raise exception 'Tables stay'; end if;
end $$;
\c - supabase_admin
create event trigger keep_tables on sql_drop execute function public.keep_tables();
