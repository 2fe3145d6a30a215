-- The table that follows Clerk's users.
--
-- Every statement can run again. The migration preflight has already adapted an existing `users` table. The migration
-- apply_clerk_facts writes the rows.

-- Hides "already exists, skipping", which is expected and would bury other messages.
set client_min_messages = warning;

-- Before the constraints: with it, the preflight knows that they are ours.
create schema if not exists clerk_sync;
comment on schema clerk_sync is 'How Clerk''s facts become rows. Not exposed by the API.';
revoke all on schema clerk_sync from public, anon, authenticated, service_role;
grant usage on schema clerk_sync to service_role;

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
  add column if not exists deactivated_at timestamptz,
  add column if not exists revived_at timestamptz,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists synced_at timestamptz;

alter table public.users
  drop constraint if exists users_clerk_id_present,
  drop constraint if exists users_deleted_is_inactive,
  drop constraint if exists users_deactivated_is_inactive,
  drop constraint if exists users_erased_is_deleted,
  drop constraint if exists users_verified_has_email,
  drop constraint if exists users_clerk_times_finite,
  drop constraint if exists users_metadata_is_object,
  drop constraint if exists users_metadata_size,
  drop constraint if exists users_public_metadata_is_object;
alter table public.users
  add constraint users_clerk_id_present check (clerk_id <> ''),
  -- Not the reverse: the application may deactivate a user who still exists in Clerk.
  add constraint users_deleted_is_inactive check (deleted_at is null or not is_active),
  add constraint users_deactivated_is_inactive check (deactivated_at is null or not is_active),
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
  -- Users may write it as often as they like. Without a limit they could fill the database, and hold their row's lock
  -- for as long as it takes to send it back.
  add constraint users_metadata_size check (octet_length(metadata::text) <= 16384),
  add constraint users_public_metadata_is_object check (jsonb_typeof(public_metadata) = 'object');

-- The planner's estimates ignore Row Level Security, and the API reveals them ("Prefer: count=planned"). With
-- statistics, a policy that shows users their colleagues would let them find out everybody's values by comparing.
alter table public.users
  alter column id set statistics 0,
  alter column clerk_id set statistics 0,
  alter column email set statistics 0,
  alter column email_verified set statistics 0,
  alter column first_name set statistics 0,
  alter column last_name set statistics 0,
  alter column username set statistics 0,
  alter column image_url set statistics 0,
  alter column phone set statistics 0,
  alter column external_id set statistics 0,
  alter column public_metadata set statistics 0,
  alter column banned set statistics 0,
  alter column locked set statistics 0,
  alter column last_sign_in_at set statistics 0,
  alter column clerk_created_at set statistics 0,
  alter column clerk_updated_at set statistics 0,
  alter column is_active set statistics 0,
  alter column deleted_at set statistics 0,
  alter column erased_at set statistics 0,
  alter column deactivated_at set statistics 0,
  alter column revived_at set statistics 0,
  alter column metadata set statistics 0,
  alter column created_at set statistics 0,
  alter column updated_at set statistics 0,
  alter column synced_at set statistics 0;

-- No unique constraint on email: a deleted user may sign up again, with a new Clerk id.

comment on table public.users is 'Clerk''s users, kept in step by apply_clerk_facts(). One row for every user that was ever seen; deleted ones stay as inactive rows.';
comment on column public.users.id is 'This database''s own id of the user, for foreign keys.';
comment on column public.users.clerk_id is 'Clerk''s id of the user (user_…), the "sub" of their session tokens.';
comment on column public.users.email is 'The primary email address in Clerk, null if the user has none.';
comment on column public.users.email_verified is 'Whether Clerk has verified the primary email address.';
comment on column public.users.first_name is 'First name in Clerk.';
comment on column public.users.last_name is 'Last name in Clerk.';
comment on column public.users.username is 'Username in Clerk.';
comment on column public.users.image_url is 'Address of the profile image at Clerk.';
comment on column public.users.phone is 'The primary phone number in Clerk, null if the user has none.';
comment on column public.users.external_id is 'The user''s id in another system, as set in Clerk.';
comment on column public.users.public_metadata is 'Clerk''s public metadata: readable by the user, written only through Clerk''s Backend API.';
comment on column public.users.banned is 'Whether the user is banned in Clerk. Policies and functions treat banned users as inactive.';
comment on column public.users.locked is 'Whether the user is locked out in Clerk.';
comment on column public.users.last_sign_in_at is 'Last sign-in, by Clerk''s clock.';
comment on column public.users.clerk_created_at is 'When the user was created in Clerk.';
comment on column public.users.clerk_updated_at is 'Clerk''s updated_at of the state in this row. It decides which of two states is newer. Null if only the deletion is known.';
comment on column public.users.is_active is 'False for good once the user is deleted in Clerk. Also false while the application has set it so: synchronisation never undoes that. A banned user counts as inactive too: see banned.';
comment on column public.users.deleted_at is 'When the user was deleted in Clerk: the earliest time that any source gives.';
comment on column public.users.erased_at is 'When purge_deleted_users() erased the personal data of the deleted user, null if it has not. From then on the row accepts no state.';
comment on column public.users.deactivated_at is 'When the application set is_active to false, null if it has not. Only the application can undo this: neither a new state nor revive_clerk_user() makes the user active.';
comment on column public.users.revived_at is 'When revive_clerk_user() last took back a deletion, null if it never has. Deletions up to this time no longer count.';
comment on column public.users.metadata is 'The application''s own data about the user. Synchronisation never writes it; the user may.';
comment on column public.users.created_at is 'When this row was created.';
comment on column public.users.updated_at is 'When this row was last changed, by anyone.';
comment on column public.users.synced_at is 'When synchronisation last changed this row.';

create or replace function clerk_sync.stamp_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Compares bytes: the application's columns may have types without equality, such as json.
  if old *= new then
    return new;
  end if;
  -- A synchronisation, the usual case, needs no closer look.
  if old.synced_at is distinct from new.synced_at then
    new.updated_at := now();
  -- Generated columns are still null in "new".
  elsif jsonb_populate_record(old, (
    select coalesce(jsonb_object_agg(a.attname, null::text), '{}') from pg_attribute as a
    where a.attrelid = tg_relid and a.attgenerated <> '' and not a.attisdropped
  )) *<> new then
    new.updated_at := now();
  end if;
  return new;
end
$$;
comment on function clerk_sync.stamp_updated_at() is 'Trigger: stamps updated_at on every change of a row.';

create or replace trigger users_stamp_updated_at
  before update on public.users
  for each row
  when (old.updated_at is not distinct from new.updated_at)
  execute function clerk_sync.stamp_updated_at();

create or replace function clerk_sync.stamp_deactivated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and new.deactivated_at is distinct from old.deactivated_at then
    new.is_active := new.deactivated_at is null and new.deleted_at is null;
  elsif new.is_active then
    new.deactivated_at := null;
  elsif new.deleted_at is null and (tg_op = 'INSERT' or old.is_active) then
    new.deactivated_at := coalesce(new.deactivated_at, now());
  end if;
  return new;
end
$$;
comment on function clerk_sync.stamp_deactivated_at() is 'Trigger: remembers in deactivated_at that the application has set is_active to false. Without that, a user who is deactivated and then deleted would look like any deleted user.';

create or replace trigger users_stamp_deactivated_at_on_insert
  before insert on public.users
  for each row
  when (not new.is_active and new.deleted_at is null)
  execute function clerk_sync.stamp_deactivated_at();

create or replace trigger users_stamp_deactivated_at_on_update
  before update on public.users
  for each row
  when (old.is_active is distinct from new.is_active or old.deactivated_at is distinct from new.deactivated_at)
  execute function clerk_sync.stamp_deactivated_at();

create or replace function clerk_sync.limit_lock_wait() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('lock_timeout', '2s', true);
  return null;
end
$$;
comment on function clerk_sync.limit_lock_wait() is 'Trigger: a user''s own update waits at most two seconds for its row, because it holds one of the API''s few connections meanwhile.';

create or replace trigger users_limit_lock_wait
  before update on public.users
  for each statement
  when (current_user = 'authenticated')
  execute function clerk_sync.limit_lock_wait();

alter table public.users enable row level security;

-- The policies that let users read their own row are in the migration clerk_auth.

do $$
declare
  -- All columns except the application's that the migration preflight has kept hidden from users.
  v_columns constant text := (
    select '(' || string_agg(quote_ident(a.attname), ', ') || ')' from pg_attribute as a
    where a.attrelid = 'public.users'::regclass and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('authenticated', a.attrelid, a.attnum, 'select')
      and not has_table_privilege('authenticated', a.attrelid, 'select')
  );
begin
  revoke all on table public.users from public, anon, authenticated, service_role;
  execute format('grant select %s on public.users to authenticated', v_columns);
end
$$;
grant update (metadata) on table public.users to authenticated;
grant select, insert, update, delete on table public.users to service_role;

reset client_min_messages;
