create table public.users (id uuid not null default gen_random_uuid(), clerk_id text primary key, email text, bio text) partition by hash (clerk_id);
create table public.users_0 partition of public.users for values with (modulus 2, remainder 0);
create table public.users_1 partition of public.users for values with (modulus 2, remainder 1);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c'), ('user_2', 'b@x.c'), ('user_3', 'c@x.c');
