create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create table public.admins (level int) inherits (public.users);
