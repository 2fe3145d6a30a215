create unlogged table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
