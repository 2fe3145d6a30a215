create domain public.email_address as text check (value like '%@%');
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email public.email_address);
