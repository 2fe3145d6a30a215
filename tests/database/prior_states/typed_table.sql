create type public.person as (id uuid, clerk_id text, email text);
create table public.users of public.person (clerk_id unique not null, id with options default gen_random_uuid() primary key);
