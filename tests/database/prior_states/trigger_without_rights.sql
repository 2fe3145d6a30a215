create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create schema audit; create table audit.entries (at timestamptz default now(), operation text);
create function public.audit() returns trigger language plpgsql as $$ begin insert into audit.entries (operation) values (tg_op); return null; end $$;
create trigger audit after insert or update on public.users for each row execute function public.audit();
