create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, username text, deleted_at timestamptz);
create unique index users_email_lower on public.users (lower(email));
create unique index users_username_of_the_living on public.users (username) where deleted_at is null;
create unique index users_clerk_id_email on public.users (clerk_id, email);
