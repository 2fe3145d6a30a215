create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, public_metadata jsonb default '{}');
create index on public.users (public_metadata);
