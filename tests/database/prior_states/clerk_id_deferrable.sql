create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text not null unique deferrable initially deferred, email text);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
