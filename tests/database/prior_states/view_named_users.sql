create table public.people (id uuid default gen_random_uuid() primary key, clerk_id text unique, email text);
create view public.users with (security_invoker = true) as select * from public.people;
