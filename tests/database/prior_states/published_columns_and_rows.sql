create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
alter publication supabase_realtime add table public.users (clerk_id) where (email is not null);
