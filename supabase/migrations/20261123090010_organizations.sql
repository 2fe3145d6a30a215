-- The tables that follow Clerk's organizations and their memberships. Both stay empty unless Clerk is told to send
-- their events.
--
-- No foreign keys: a membership's event may come before those of its user and organization, or without them.

set client_min_messages = warning;

create table if not exists public.organizations (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique
);

alter table public.organizations
  add column if not exists name text,
  add column if not exists slug text,
  add column if not exists image_url text,
  add column if not exists created_by text,
  add column if not exists public_metadata jsonb not null default '{}',
  add column if not exists clerk_created_at timestamptz,
  add column if not exists clerk_updated_at timestamptz,
  add column if not exists is_active boolean not null default true,
  add column if not exists deleted_at timestamptz,
  add column if not exists deactivated_at timestamptz,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists synced_at timestamptz;

alter table public.organizations
  drop constraint if exists organizations_clerk_id_present,
  drop constraint if exists organizations_deleted_is_inactive,
  drop constraint if exists organizations_deactivated_is_inactive,
  drop constraint if exists organizations_clerk_times_finite,
  drop constraint if exists organizations_metadata_is_object,
  drop constraint if exists organizations_metadata_size,
  drop constraint if exists organizations_public_metadata_is_object;
alter table public.organizations
  add constraint organizations_clerk_id_present check (clerk_id <> ''),
  add constraint organizations_deleted_is_inactive check (deleted_at is null or not is_active),
  add constraint organizations_deactivated_is_inactive check (deactivated_at is null or not is_active),
  add constraint organizations_clerk_times_finite check (
    isfinite(clerk_updated_at) and isfinite(clerk_created_at) and isfinite(deleted_at)
  ),
  add constraint organizations_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  add constraint organizations_metadata_size check (octet_length(metadata::text) <= 16384),
  add constraint organizations_public_metadata_is_object check (jsonb_typeof(public_metadata) = 'object');

-- As in users: otherwise the estimates would tell outsiders names and sizes.
alter table public.organizations
  alter column id set statistics 0,
  alter column clerk_id set statistics 0,
  alter column name set statistics 0,
  alter column slug set statistics 0,
  alter column image_url set statistics 0,
  alter column created_by set statistics 0,
  alter column public_metadata set statistics 0,
  alter column clerk_created_at set statistics 0,
  alter column clerk_updated_at set statistics 0,
  alter column is_active set statistics 0,
  alter column deleted_at set statistics 0,
  alter column deactivated_at set statistics 0,
  alter column metadata set statistics 0,
  alter column created_at set statistics 0,
  alter column updated_at set statistics 0,
  alter column synced_at set statistics 0;

-- No unique constraint on slug: a deleted organization's slug may be used again, and renames may come in any order.

comment on table public.organizations is 'Clerk''s organizations, kept in step by apply_clerk_facts(). One row for every organization that was ever seen; deleted ones stay as inactive rows.';
comment on column public.organizations.id is 'This database''s own id of the organization, for foreign keys.';
comment on column public.organizations.clerk_id is 'Clerk''s id of the organization (org_…).';
comment on column public.organizations.name is 'Name in Clerk. Null if only the deletion is known.';
comment on column public.organizations.slug is 'Slug in Clerk, null if the organization has none.';
comment on column public.organizations.image_url is 'Address of the logo at Clerk.';
comment on column public.organizations.created_by is 'Clerk''s id of the user who created it, if Clerk says so.';
comment on column public.organizations.public_metadata is 'Clerk''s public metadata: readable by the members, written only through Clerk''s Backend API.';
comment on column public.organizations.clerk_created_at is 'When the organization was created in Clerk.';
comment on column public.organizations.clerk_updated_at is 'Clerk''s updated_at of the state in this row. It decides which of two states is newer. Null if only the deletion is known.';
comment on column public.organizations.is_active is 'False for good once the organization is deleted in Clerk. Also false while the application has set it so: synchronisation never undoes that.';
comment on column public.organizations.deleted_at is 'When the organization was deleted in Clerk: the earliest time that any source gives.';
comment on column public.organizations.deactivated_at is 'When the application set is_active to false, null if it has not.';
comment on column public.organizations.metadata is 'The application''s own data about the organization, readable by its members. Synchronisation never writes it.';
comment on column public.organizations.created_at is 'When this row was created.';
comment on column public.organizations.updated_at is 'When this row was last changed, by anyone.';
comment on column public.organizations.synced_at is 'When synchronisation last changed this row.';

create table if not exists public.organization_memberships (
  id uuid primary key default gen_random_uuid(),
  clerk_id text not null unique
);

alter table public.organization_memberships
  add column if not exists organization_clerk_id text,
  add column if not exists user_clerk_id text,
  add column if not exists role text,
  add column if not exists permissions text[] not null default '{}',
  add column if not exists clerk_created_at timestamptz,
  add column if not exists clerk_updated_at timestamptz,
  add column if not exists is_active boolean not null default true,
  add column if not exists deleted_at timestamptz,
  add column if not exists deactivated_at timestamptz,
  add column if not exists metadata jsonb not null default '{}',
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists synced_at timestamptz;

alter table public.organization_memberships
  drop constraint if exists organization_memberships_clerk_id_present,
  drop constraint if exists organization_memberships_state_complete,
  drop constraint if exists organization_memberships_deleted_is_inactive,
  drop constraint if exists organization_memberships_deactivated_is_inactive,
  drop constraint if exists organization_memberships_clerk_times_finite,
  drop constraint if exists organization_memberships_metadata_is_object,
  drop constraint if exists organization_memberships_metadata_size,
  drop constraint if exists organization_memberships_user_key,
  drop constraint if exists organization_memberships_organization_key;
alter table public.organization_memberships
  add constraint organization_memberships_clerk_id_present check (clerk_id <> ''),
  add constraint organization_memberships_state_complete check (
    num_nulls(organization_clerk_id, role) = 0 or clerk_updated_at is null and not is_active
  ),
  add constraint organization_memberships_deleted_is_inactive check (deleted_at is null or not is_active),
  add constraint organization_memberships_deactivated_is_inactive check (deactivated_at is null or not is_active),
  add constraint organization_memberships_clerk_times_finite check (
    isfinite(clerk_updated_at) and isfinite(clerk_created_at) and isfinite(deleted_at)
  ),
  add constraint organization_memberships_metadata_is_object check (jsonb_typeof(metadata) = 'object'),
  add constraint organization_memberships_metadata_size check (octet_length(metadata::text) <= 16384),
  -- Indexes to find a user's and an organization's memberships. A user may have several in one organization, one after
  -- the other; clerk_id tells them apart. Deferrable: otherwise two writers of a new membership would collide here,
  -- where "on conflict (clerk_id)" does not look.
  add constraint organization_memberships_user_key
    unique (user_clerk_id, organization_clerk_id, clerk_id) deferrable,
  add constraint organization_memberships_organization_key
    unique (organization_clerk_id, clerk_id) deferrable;

alter table public.organization_memberships
  alter column id set statistics 0,
  alter column clerk_id set statistics 0,
  alter column organization_clerk_id set statistics 0,
  alter column user_clerk_id set statistics 0,
  alter column role set statistics 0,
  alter column permissions set statistics 0,
  alter column clerk_created_at set statistics 0,
  alter column clerk_updated_at set statistics 0,
  alter column is_active set statistics 0,
  alter column deleted_at set statistics 0,
  alter column deactivated_at set statistics 0,
  alter column metadata set statistics 0,
  alter column created_at set statistics 0,
  alter column updated_at set statistics 0,
  alter column synced_at set statistics 0;

comment on table public.organization_memberships is 'Memberships in Clerk''s organizations, kept in step by apply_clerk_facts(). One row for every membership that was ever seen; ended ones stay as inactive rows. A membership also ends when its user or organization is deleted.';
comment on column public.organization_memberships.id is 'This database''s own id of the membership, for foreign keys.';
comment on column public.organization_memberships.clerk_id is 'Clerk''s id of the membership (orgmem_…). A user who leaves and joins again gets a new one.';
comment on column public.organization_memberships.organization_clerk_id is 'Clerk''s id of the organization, which may have no row yet. Null if only the deletion is known.';
comment on column public.organization_memberships.user_clerk_id is 'Clerk''s id of the user, who may have no row yet. Null if only the deletion is known.';
comment on column public.organization_memberships.role is 'Role in Clerk, such as org:admin. Null if only the deletion is known.';
comment on column public.organization_memberships.permissions is 'Permissions of the role in Clerk''s last state of this membership, sorted.';
comment on column public.organization_memberships.clerk_created_at is 'When the membership was created in Clerk.';
comment on column public.organization_memberships.clerk_updated_at is 'Clerk''s updated_at of the state in this row. It decides which of two states is newer. Null if only the deletion is known.';
comment on column public.organization_memberships.is_active is 'False for good once the membership has ended. Also false while the application has set it so for this user in this organization: synchronisation never undoes that.';
comment on column public.organization_memberships.deleted_at is 'When the membership ended in Clerk: the earliest known deletion of itself, its organization or its user.';
comment on column public.organization_memberships.deactivated_at is 'When the application set is_active to false for this user in this organization, null if it has not. It applies to every membership that they have there, later ones included.';
comment on column public.organization_memberships.metadata is 'The application''s own data about the membership, readable by the organization''s members. Synchronisation never writes it.';
comment on column public.organization_memberships.created_at is 'When this row was created.';
comment on column public.organization_memberships.updated_at is 'When this row was last changed, by anyone.';
comment on column public.organization_memberships.synced_at is 'When synchronisation last changed this row.';

create or replace trigger organizations_stamp_deactivated_at_on_insert
  before insert on public.organizations
  for each row
  when (not new.is_active and new.deleted_at is null)
  execute function clerk_sync.stamp_deactivated_at();

create or replace trigger organizations_stamp_deactivated_at_on_update
  before update on public.organizations
  for each row
  when (old.is_active is distinct from new.is_active or old.deactivated_at is distinct from new.deactivated_at)
  execute function clerk_sync.stamp_deactivated_at();

create or replace trigger organization_memberships_stamp_deactivated_at_on_insert
  before insert on public.organization_memberships
  for each row
  when (not new.is_active and new.deleted_at is null)
  execute function clerk_sync.stamp_deactivated_at();

create or replace trigger organization_memberships_stamp_deactivated_at_on_update
  before update on public.organization_memberships
  for each row
  when (old.is_active is distinct from new.is_active or old.deactivated_at is distinct from new.deactivated_at)
  execute function clerk_sync.stamp_deactivated_at();

create or replace function clerk_sync.inherit_deactivation() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
-- A kept plan outlives the table size that it was made for.
set enable_seqscan = off
as $$
begin
  if new.deactivated_at is null then
    new.deactivated_at := (
      select min(m.deactivated_at)
      -- "offset 0" makes it search by the user, who has few, and not by the organization, which may have very many.
      from (
        select m.organization_clerk_id, m.deactivated_at from public.organization_memberships as m
        where m.user_clerk_id = new.user_clerk_id
        offset 0
      ) as m
      where m.organization_clerk_id = new.organization_clerk_id
    );
  end if;
  new.is_active := new.is_active and new.deactivated_at is null;
  return new;
end
$$;
comment on function clerk_sync.inherit_deactivation() is 'Trigger: deactivates a new membership if the application has deactivated the user in its organization.';

create or replace trigger organization_memberships_inherit_deactivation_on_insert
  before insert on public.organization_memberships
  for each row
  execute function clerk_sync.inherit_deactivation();

create or replace trigger organization_memberships_inherit_deactivation_on_update
  before update on public.organization_memberships
  for each row
  when (old.user_clerk_id is distinct from new.user_clerk_id)
  execute function clerk_sync.inherit_deactivation();

create or replace function clerk_sync.share_deactivation() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  update public.organization_memberships as m set deactivated_at = new.deactivated_at
  from (
    select m.clerk_id, m.organization_clerk_id from public.organization_memberships as m
    where m.user_clerk_id = new.user_clerk_id
    offset 0
  ) as other
  where m.clerk_id = other.clerk_id and other.organization_clerk_id = new.organization_clerk_id
    and m.deactivated_at is distinct from new.deactivated_at;
  return null;
end
$$;
comment on function clerk_sync.share_deactivation() is 'Trigger: applies the application''s deactivation of a user in an organization, and its end, to all memberships that the user has had there.';

create or replace trigger organization_memberships_share_deactivation
  after update on public.organization_memberships
  for each row
  when (
    old.deactivated_at is distinct from new.deactivated_at
    -- The membership's user may become known late.
    or new.deactivated_at is not null and old.user_clerk_id is distinct from new.user_clerk_id
  )
  execute function clerk_sync.share_deactivation();

create or replace trigger organizations_stamp_updated_at
  before update on public.organizations
  for each row
  when (old.updated_at is not distinct from new.updated_at)
  execute function clerk_sync.stamp_updated_at();

create or replace trigger organization_memberships_stamp_updated_at
  before update on public.organization_memberships
  for each row
  when (old.updated_at is not distinct from new.updated_at)
  execute function clerk_sync.stamp_updated_at();

-- The policies that let members read are in the next migration.
alter table public.organizations enable row level security;
alter table public.organization_memberships enable row level security;

do $$
declare
  v_table regclass;
  v_columns text;
begin
  foreach v_table in array '{public.organizations,public.organization_memberships}'::regclass[] loop
    -- As in users.
    select '(' || string_agg(quote_ident(a.attname), ', ') || ')' into v_columns
    from pg_attribute as a
    where a.attrelid = v_table and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('authenticated', a.attrelid, a.attnum, 'select')
      and not has_table_privilege('authenticated', a.attrelid, 'select');
    execute format('revoke all on table %s from public, anon, authenticated, service_role', v_table);
    execute format('grant select %s on %s to authenticated', v_columns, v_table);
  end loop;
end
$$;
grant select, insert, update, delete on table public.organizations to service_role;
grant select, insert, update, delete on table public.organization_memberships to service_role;

reset client_min_messages;
