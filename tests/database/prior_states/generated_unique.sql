create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, email_lower text generated always as (lower(email)) stored unique);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
