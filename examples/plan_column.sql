-- An example: a column of your own in users, made from Clerk's public metadata. Your backend sets
-- public_metadata.plan at Clerk; here the plan can be read, compared in policies, and looked up in an index.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new plan_column < examples/plan_column.sql
-- If the users are in another schema, replace public.users with their name there.
-- This repository's tests compare all columns with a list: add yours to tests/rights/expected.ts.
--
-- The column changes with public_metadata, by webhook or users-sync. Nobody can write it, and purge_deleted_users()
-- empties it. The users themselves read it with the rest of their row, in users-me too.
--
-- Adding it writes the whole table anew, which is locked meanwhile: for a moment, unless you have very many users.
-- Webhooks that come then wait or are repeated.

alter table public.users
  -- An expression that fails makes the database reject the user's row. So do not cast: (… ->> 'seats')::integer fails for
  -- "many". And keep the value short: an index refuses what is longer than about 2,700 bytes.
  add column if not exists plan text generated always as (left(public_metadata ->> 'plan', 100)) stored;

-- As for all columns of users: the API tells users the planner's estimates, which must know nothing of others' rows.
alter table public.users alter column plan set statistics 0;

comment on column public.users.plan is 'The plan in Clerk''s public metadata, null if it has none. At most 100 characters.';

-- For your server, which reads everybody's rows.
create index if not exists users_plan_idx on public.users (plan);

-- Users read all columns of their own row in a new installation. Where tables were taken over, some may be hidden.
grant select (plan) on table public.users to authenticated;

-- In a policy of your own table, for the user's own plan:
--
--   using ((select u.plan from public.users as u where u.clerk_id = (select clerk_auth.user_id())) = 'pro')

notify pgrst, 'reload schema';
