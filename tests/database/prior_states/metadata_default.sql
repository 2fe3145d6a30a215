create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, metadata jsonb not null default '{"theme": "light"}');
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
