grant create on schema public to service_role;
set role service_role;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c'), ('user_2', 'b@x.c');
