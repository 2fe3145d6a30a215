create table public.users (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, banned boolean not null default false
);
insert into public.users (clerk_id, banned) values ('user_1', true), ('user_2', false);
