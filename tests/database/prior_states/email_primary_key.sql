create table public.users (email text primary key, clerk_id text);
insert into public.users values ('a@x.c', 'user_1');
