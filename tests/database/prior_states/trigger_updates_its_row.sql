create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique, email text, n int default 0);
create function public.f1() returns trigger language plpgsql as $$ begin update public.users set n = n + 1 where id = new.id; return new; end $$;
create trigger a before update on public.users for each row when (pg_trigger_depth() = 0) execute function public.f1();
