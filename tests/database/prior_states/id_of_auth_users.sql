create table public.users (id uuid primary key references auth.users (id) on delete cascade, clerk_id text unique not null, email text);
insert into auth.users values ('00000000-0000-0000-0000-000000000002');
insert into public.users values ('00000000-0000-0000-0000-000000000002', 'user_1', 'a@x.c');
create table public.organizations (key text primary key, clerk_id text, name text);
