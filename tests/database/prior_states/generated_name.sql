create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, first_name text, last_name text, full_name text generated always as (coalesce(first_name, '') || ' ' || coalesce(last_name, '')) stored);
insert into public.users (clerk_id, first_name) values ('user_1', 'Ada');
