create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, deleted_at timestamptz, is_active boolean default true);
create function public.keep() returns trigger language plpgsql as $$ begin if new.deleted_at is not null then return null; end if; return new; end $$;
create trigger keep before update on public.users for each row execute function public.keep();
