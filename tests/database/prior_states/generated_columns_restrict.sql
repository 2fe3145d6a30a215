create table public.domains (name text primary key);
create table public.users (
  id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, username text,
  email_lower text generated always as (lower(email)) stored unique,
  handle text generated always as (lower(username)) stored check (length(handle) > 3),
  domain text generated always as (split_part(email, '@', 2)) stored references public.domains (name),
  id_lower text generated always as (lower(clerk_id)) stored unique,
  greeting text generated always as ('Hello ' || username) stored
);
create unique index users_greeting_lower on public.users (lower(greeting));
insert into public.domains values ('x.c');
insert into public.users (clerk_id, email, username) values ('user_1', 'a@x.c', 'adam');
