create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, is_active boolean, updated_at timestamptz);
create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'No'; end $$;
create trigger refuse before update on public.users for each row execute function public.refuse();
alter table public.users disable trigger refuse;
create function public.touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
create trigger touch before update on public.users for each row execute function public.touch();
alter table public.users enable always trigger touch;
insert into public.users (clerk_id, updated_at) values ('user_1', '2020-01-01');
