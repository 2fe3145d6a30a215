create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, username text, handle text unique);
create function public.fill_handle() returns trigger language plpgsql as $$ begin new.handle := lower(new.username); return new; end $$;
create trigger fill_handle before insert or update on public.users for each row execute function public.fill_handle();
