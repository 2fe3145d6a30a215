create schema inside;
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create view inside.active as select * from public.users;
create view public.emails as select email from inside.active;
grant select on public.emails to anon;
