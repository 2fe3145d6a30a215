create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create function public.lower_email() returns trigger language plpgsql as $$ begin new.email := lower(new.email); return new; end $$;
create trigger lower_email before insert or update on public.users for each row execute function public.lower_email();
