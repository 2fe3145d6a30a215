create table public.users (id uuid not null default gen_random_uuid(), clerk_id text primary key, email text) partition by range (clerk_id);
create table public.users_a partition of public.users for values from ('user_A') to ('user_B');
