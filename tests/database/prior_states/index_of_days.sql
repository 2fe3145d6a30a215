create table public.users (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, created_at timestamp default now()
);
create index users_day on public.users (date(created_at));
create index users_email on public.users (lower(email)) where email is not null;
create function public.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touch before update on public.users for each row execute function public.touch();
