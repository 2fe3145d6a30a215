create table public.users (id uuid default gen_random_uuid(), clerk_id text not null unique, email text) partition by hash (clerk_id);
create table public.users_0 partition of public.users for values with (modulus 2, remainder 0);
create table public.users_1 partition of public.users for values with (modulus 2, remainder 1) partition by hash (clerk_id);
create table public.users_1_0 partition of public.users_1 for values with (modulus 1, remainder 0);
create view public.first_half as select clerk_id, email from public.users_0;
create materialized view public.second_half as select clerk_id, email from public.users_1_0;
insert into public.users (clerk_id, email) select 'user_' || i, i || '@x' from generate_series(1, 6) as i;
