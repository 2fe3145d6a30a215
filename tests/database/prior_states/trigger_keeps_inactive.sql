create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, is_active boolean not null default true);
create function public.keep_inactive() returns trigger language plpgsql as $$ begin if not old.is_active then raise exception 'Inactive users are read-only'; end if; return new; end $$;
create trigger keep_inactive before update on public.users for each row execute function public.keep_inactive();
insert into public.users (clerk_id, email, is_active) values ('user_1', 'a@x.c', true), ('user_2', 'b@x.c', false);
