create table public.users (id uuid default gen_random_uuid(), clerk_id text not null unique, email text, username text) partition by hash (clerk_id);
create table public.users_0 (username text, email text, clerk_id text not null, id uuid default gen_random_uuid());
alter table public.users attach partition public.users_0 for values with (modulus 2, remainder 0);
create unlogged table public.users_1 partition of public.users for values with (modulus 2, remainder 1);
create unique index users_0_email on public.users_0 (email);
alter table public.users_1 add constraint users_1_username check (username <> 'admin');
