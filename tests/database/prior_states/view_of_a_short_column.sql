create table public.users (id uuid default gen_random_uuid() primary key, clerk_id varchar(50) unique not null, email varchar(100));
create view public.addresses with (security_invoker = true) as select email from public.users;
