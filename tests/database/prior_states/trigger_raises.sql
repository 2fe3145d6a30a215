create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, team text);
create function public.require_email() returns trigger language plpgsql as $$ begin if new.email is null then raise exception 'An address is required'; end if; return new; end $$;
create trigger require_email before insert or update on public.users for each row execute function public.require_email();
