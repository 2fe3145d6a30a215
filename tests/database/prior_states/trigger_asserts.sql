create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, team text);
create function public.require_email() returns trigger language plpgsql as $$ begin assert new.email is not null, 'An address is required'; return new; end $$;
create trigger require_email before insert or update on public.users for each row execute function public.require_email();
