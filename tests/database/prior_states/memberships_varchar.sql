-- The type that many tools choose for a text.
create extension if not exists citext;
create table public.organization_memberships (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique,
  organization_clerk_id varchar,
  user_clerk_id varchar,
  role citext default 'org:member'
);
