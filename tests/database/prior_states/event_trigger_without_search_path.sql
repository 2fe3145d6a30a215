create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text);
create table public.changes (tag text);
create function public.note_change() returns event_trigger language plpgsql security definer as $$
begin
  update changes set tag = tg_tag;
end
$$;
\c - supabase_admin
create event trigger note_change on ddl_command_end execute function public.note_change();
