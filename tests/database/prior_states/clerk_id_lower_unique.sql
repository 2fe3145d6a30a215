create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text not null, email text);
create unique index users_clerk_id_lower on public.users (lower(clerk_id));
