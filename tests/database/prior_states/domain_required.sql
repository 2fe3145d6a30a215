create domain public.filled as text not null check (value <> '');
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, tenant public.filled);
