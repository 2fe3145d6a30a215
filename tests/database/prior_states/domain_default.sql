create domain public.seats as integer default 1 check (value > 0);
create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, seats public.seats not null);
insert into public.users (clerk_id) values ('user_1');
