create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text, email text);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c'), ('user_1', 'b@x.c'), ('user_2', 'c@x.c');
