-- Another handler wrote when Clerk changed the rows, in milliseconds as if they were seconds, or rounded up. Whether
-- their other columns are of that time, nobody knows.
create table public.users (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique,
  email text,
  clerk_updated_at timestamptz(0)
);
insert into public.users (clerk_id, clerk_updated_at) values
  ('user_2ZyXwVuTsRqPoNmLkJiHgFeDcBa', to_timestamp(1700000000000)),
  ('user_2ZYXWVUTSRQPONMLKJIHGFEDCBA', to_timestamp(1700000600.6)),
  ('user_infinite', 'infinity');
create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique,
  name text,
  clerk_updated_at timestamptz
);
insert into public.organizations (clerk_id, name, clerk_updated_at) values ('org_one', 'Former name', 'infinity');
create table public.organization_memberships (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique,
  organization_id text,
  user_id text,
  role text,
  clerk_updated_at timestamptz
);
insert into public.organization_memberships (clerk_id, organization_id, user_id, role, clerk_updated_at)
values ('orgmem_before', 'org_one', 'user_before', 'org:admin', now());
