create table public.teams (id int primary key);
insert into public.teams values (7);
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, team_id int default 7 references public.teams deferrable initially deferred);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
