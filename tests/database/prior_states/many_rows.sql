create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, metadata jsonb);
insert into public.users(clerk_id,email) select 'user_'||i, i||'@x.c' from generate_series(1,20000) i;
