-- The table that follows Clerk's users.
--
-- Every statement may run again, and a `users` table made by hand from a tutorial (same names and types)
-- is completed rather than refused. How the rows are written is in the migration apply_clerk_facts.

-- "already exists, skipping" is expected here and would only bury what is not.
set client_min_messages = warning;

create table if not exists public.users (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique
);

alter table public.users
  add column if not exists email text,
  add column if not exists email_verified boolean not null default false,
  add column if not exists first_name text,
  add column if not exists last_name text,
  add column if not exists username text,
  add column if not exists image_url text,
  add column if not exists phone text,
  add column if not exists external_id text,
  add column if not exists public_metadata jsonb not null default '{}',
  add column if not exists banned boolean not null default false,
  add column if not exists locked boolean not null default false,
  add column if not exists last_sign_in_at timestamptz,
  add column if not exists clerk_created_at timestamptz,
  add column if not exists clerk_updated_at timestamptz,
  add column if not exists is_active boolean not null default true,
  add column if not exists deleted_at timestamptz,
  add column if not exists erased_at timestamptz,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists synced_at timestamptz;

-- Clerk users may have no e-mail address at all.
alter table public.users alter column email drop not null;

alter table public.users
  drop constraint if exists users_clerk_id_present,
  drop constraint if exists users_deleted_is_inactive,
  drop constraint if exists users_erased_is_deleted,
  drop constraint if exists users_verified_has_email,
  drop constraint if exists users_clerk_times_finite,
  drop constraint if exists users_metadata_is_object,
  drop constraint if exists users_public_metadata_is_object;
alter table public.users
  add constraint users_clerk_id_present check (clerk_id <> ''),
  -- One way only: an application may deactivate a user who still exists in Clerk.
  add constraint users_deleted_is_inactive check (deleted_at is null or not is_active),
  add constraint users_erased_is_deleted check (
    erased_at is null
    or deleted_at is not null
      and num_nonnulls(email, first_name, last_name, username, image_url, phone, external_id) = 0
      and public_metadata = '{}'
  ),
  add constraint users_verified_has_email check (email is not null or not email_verified),
  add constraint users_clerk_times_finite check (
    isfinite(clerk_updated_at) and isfinite(clerk_created_at) and isfinite(last_sign_in_at)
    and isfinite(deleted_at)
  ),
  add constraint users_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  add constraint users_public_metadata_is_object check (jsonb_typeof(public_metadata) = 'object');

-- No unique constraint on email: a deleted user may sign up again and gets a new Clerk id.

comment on table public.users is 'Clerk''s users, kept in step by apply_clerk_facts(). One row for every user that was ever seen; deleted ones stay as inactive rows.';
comment on column public.users.id is 'This database''s own id of the user, for foreign keys.';
comment on column public.users.clerk_id is 'Clerk''s id of the user (user_…), the "sub" of their session tokens.';
comment on column public.users.email is 'The primary e-mail address in Clerk, null where the user has none.';
comment on column public.users.email_verified is 'Whether Clerk has verified the primary e-mail address.';
comment on column public.users.first_name is 'First name in Clerk.';
comment on column public.users.last_name is 'Last name in Clerk.';
comment on column public.users.username is 'Username in Clerk.';
comment on column public.users.image_url is 'Address of the profile image at Clerk.';
comment on column public.users.phone is 'The primary phone number in Clerk, null where the user has none.';
comment on column public.users.external_id is 'The id that another system has for the user, as set in Clerk.';
comment on column public.users.public_metadata is 'Clerk''s public metadata: readable by the user, written by Clerk''s Backend API alone.';
comment on column public.users.banned is 'Whether the user is banned in Clerk.';
comment on column public.users.locked is 'Whether the user is locked out in Clerk.';
comment on column public.users.last_sign_in_at is 'Last sign-in, by Clerk''s clock.';
comment on column public.users.clerk_created_at is 'When the user was created in Clerk.';
comment on column public.users.clerk_updated_at is 'Clerk''s updated_at of the state in this row: what decides which of two states is newer. Null where only the deletion is known.';
comment on column public.users.is_active is 'False once the user is deleted in Clerk, for good; also where the application has deactivated the user. Synchronisation never sets it back to true.';
comment on column public.users.deleted_at is 'When the user was deleted in Clerk: the earliest time that any source gives.';
comment on column public.users.erased_at is 'When purge_deleted_users() erased the personal data of the deleted user, null where it has not. From then on the row takes in no state.';
comment on column public.users.metadata is 'The application''s own data about the user. Synchronisation never writes it; the user may.';
comment on column public.users.created_at is 'When this row was created.';
comment on column public.users.updated_at is 'When this row was last changed, by whomever.';
comment on column public.users.synced_at is 'When synchronisation last changed this row.';

create schema if not exists clerk_sync;
comment on schema clerk_sync is 'How Clerk''s facts become rows. Not exposed by the API.';
revoke all on schema clerk_sync from public;
grant usage on schema clerk_sync to service_role;

create or replace function clerk_sync.stamp_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function clerk_sync.stamp_updated_at() is 'Trigger: stamps updated_at on every change of a row.';

create or replace trigger users_stamp_updated_at
  before update on public.users
  for each row
  when (old.* is distinct from new.*)
  execute function clerk_sync.stamp_updated_at();

alter table public.users enable row level security;

-- "(select …)" is evaluated once a statement, not once a row.
drop policy if exists "Users read their own active row" on public.users;
create policy "Users read their own active row" on public.users
  for select to authenticated
  using (clerk_id = (select auth.jwt()) ->> 'sub' and is_active);

drop policy if exists "Users update their own active row" on public.users;
create policy "Users update their own active row" on public.users
  for update to authenticated
  using (clerk_id = (select auth.jwt()) ->> 'sub' and is_active)
  with check (clerk_id = (select auth.jwt()) ->> 'sub' and is_active);

-- The functions answer such a session with session_pending; the API has no other place to look.
drop policy if exists "Sessions with pending tasks see nothing" on public.users;
create policy "Sessions with pending tasks see nothing" on public.users
  as restrictive
  for all to authenticated
  using ((select auth.jwt()) ->> 'sts' is distinct from 'pending');

-- No insert and no delete policy: rows come and go with Clerk alone. No policy for anon: it sees nothing.

revoke all on table public.users from public, anon, authenticated, service_role;
grant select on table public.users to authenticated;
grant update (metadata) on table public.users to authenticated;
grant select, insert, update, delete on table public.users to service_role;

reset client_min_messages;
