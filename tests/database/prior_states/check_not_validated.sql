create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, age integer);
insert into public.users (clerk_id, age) values ('user_1', -1), ('user_2', 36);
-- It holds for new rows only. Synchronisation could never change the first one again.
alter table public.users add constraint users_age check (age > 0) not valid;
