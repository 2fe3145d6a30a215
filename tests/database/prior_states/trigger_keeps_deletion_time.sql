create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, deleted_at timestamptz);
create function public.keep_deletion_time() returns trigger language plpgsql as $$ begin if old.deleted_at <> new.deleted_at then raise exception 'Deleted twice'; end if; return new; end $$;
create trigger keep_deletion_time before update on public.users for each row execute function public.keep_deletion_time();
