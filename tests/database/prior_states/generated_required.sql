create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, domain text not null generated always as (split_part(email, '@', 2)) stored);
