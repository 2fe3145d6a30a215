create table public.users (id bigserial primary key, clerk_id text unique not null, email text);
revoke all on sequence public.users_id_seq from anon, authenticated, service_role;
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
