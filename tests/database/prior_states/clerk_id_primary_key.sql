create table public.users (clerk_id text primary key, email text, name text);
insert into public.users values ('user_1', 'a@x.c', 'Ada');
