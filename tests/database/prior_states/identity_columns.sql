create table public.users (id bigint generated always as identity primary key, clerk_id text unique not null, email text, number int generated always as identity);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
