create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.refuse_used_address() returns trigger language plpgsql set search_path = '' as $$ begin if new.email <> old.email and exists (select from public.users where email = new.email and id <> new.id) then raise exception 'The address is taken'; end if; return new; end $$;
create trigger refuse_used_address before update on public.users for each row execute function public.refuse_used_address();
