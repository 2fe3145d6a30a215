create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, check (clerk_id like 'user\_%'));
create table public.organizations (id uuid default gen_random_uuid() primary key, clerk_id text unique not null check (clerk_id like 'org\_%'), name text);
create table public.organization_memberships (id uuid default gen_random_uuid() primary key, clerk_id text unique not null);
create function public.require_prefix() returns trigger language plpgsql as $$ begin if new.clerk_id not like 'orgmem\_%' then raise exception 'No membership'; end if; return new; end $$;
create trigger require_prefix before insert or update on public.organization_memberships for each row execute function public.require_prefix();
