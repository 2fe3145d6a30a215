create table public.users (id uuid not null default gen_random_uuid(), clerk_id text primary key, email text, deleted_at timestamptz, constraint late check (deleted_at > '2026-06-01')) partition by hash (clerk_id);
create table public.users_0 partition of public.users for values with (modulus 1, remainder 0);
