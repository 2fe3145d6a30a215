create table public.users (clerk_id text primary key, email text, email_verified boolean, metadata jsonb, is_active boolean, banned boolean, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz);
create function public.touch() returns trigger language plpgsql as $$ begin new.updated_at := '2030-01-01'; return new; end $$;
create trigger touch before update on public.users for each row execute function public.touch();
insert into public.users (clerk_id, email, is_active, updated_at, deleted_at, metadata) values ('user_1', 'a@x.c', null, null, null, null), ('user_2', null, false, '2020-01-01', null, '{"plan":1}'), ('user_3', 'c@x.c', true, '2020-01-01', '2021-01-01', null);
