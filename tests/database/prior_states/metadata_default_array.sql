create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique, email text, metadata jsonb default '[]');
