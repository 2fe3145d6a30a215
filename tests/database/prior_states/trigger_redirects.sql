create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create table public.incoming (clerk_id text, email text);
create function public.redirect() returns trigger language plpgsql security definer as $$ begin insert into public.incoming values (new.clerk_id, new.email); return null; end $$;
create trigger redirect before insert on public.users for each row execute function public.redirect();
