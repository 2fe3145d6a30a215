create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create table public.audit_log (name text);
revoke all on public.audit_log from service_role;
create function public.audit() returns trigger language plpgsql set search_path = '' as $$ begin insert into public.audit_log values (tg_table_name); return null; end $$;
create function public.audit_new_tables() returns event_trigger language plpgsql as $$
declare r record;
begin
  for r in select * from pg_event_trigger_ddl_commands() where schema_name = 'public' and command_tag = 'CREATE TABLE' loop
    execute format('create trigger audit after insert on %s for each row execute function public.audit()', r.object_identity);
  end loop;
end $$;
\c - supabase_admin
create event trigger audit_new_tables on ddl_command_end when tag in ('CREATE TABLE') execute function public.audit_new_tables();
