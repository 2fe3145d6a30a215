create table public.teams (id int primary key);
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, team_id int default 7 references public.teams deferrable initially deferred);
