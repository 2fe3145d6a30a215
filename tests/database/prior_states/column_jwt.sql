-- A column with the name of what policies ask.
create table public.users (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique,
  email text,
  jwt text,
  token text,
  claims text,
  u text
);
insert into public.users (clerk_id, email) values ('user_before', 'before@example.com');
