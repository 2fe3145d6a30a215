create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, created_at timestamptz not null default now(), deleted_at timestamptz, constraint deleted_after_created check (deleted_at >= created_at));
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
