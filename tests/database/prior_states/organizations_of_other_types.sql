create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique, email text);
create table public.organizations (id uuid default gen_random_uuid() primary key, clerk_id text unique, created_by uuid references public.users(id), is_active int not null default 1, metadata json default '{}');
create function public.f2() returns trigger language plpgsql as $$ begin raise exception 'no update'; end $$;
create trigger b before update on public.organizations for each row execute function public.f2();
