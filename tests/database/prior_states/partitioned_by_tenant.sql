create table public.users (id uuid default gen_random_uuid(), tenant int not null default 1, clerk_id text not null, email text) partition by list (tenant);
create table public.users_1 partition of public.users for values in (1);
