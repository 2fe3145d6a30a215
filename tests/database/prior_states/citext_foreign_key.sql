create extension citext with schema extensions;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id extensions.citext unique not null, email text);
create table public.posts (id int primary key, author extensions.citext references public.users (clerk_id));
insert into public.users (clerk_id) values ('user_1');
insert into public.posts values (1, 'user_1'), (2, 'USER_1');
