create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.read_only() returns trigger language plpgsql as $$ begin raise exception 'Read-only' using errcode = '45000'; end $$;
create trigger read_only after update on public.users for each statement execute function public.read_only();
