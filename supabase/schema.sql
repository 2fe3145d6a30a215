-- What is installed once every migration has run. Made by `deno task schema`; read it, do not run it.

create schema clerk_auth;
grant usage on schema clerk_auth to anon;
grant usage on schema clerk_auth to authenticated;
grant usage on schema clerk_auth to service_role;
comment on schema clerk_auth is 'Tells policies who the user is, from the request''s Clerk session token. Not exposed by the API.';

create schema clerk_sync;
grant usage on schema clerk_sync to service_role;
comment on schema clerk_sync is 'How Clerk''s facts become rows. Not exposed by the API.';

create type clerk_sync.applied_facts as (outcomes text[], reasons text[]);
comment on type clerk_sync.applied_facts is 'What became of the facts of a batch, in their order. Outcomes and reasons are as in apply_clerk_facts(). Reasons are null if there are none.';

create type clerk_sync.membership_fact as (kind text, clerk_id text, organization_clerk_id text, user_clerk_id text, role text, permissions text[], clerk_created_at timestamp with time zone, clerk_updated_at timestamp with time zone, deleted_at timestamp with time zone);
comment on type clerk_sync.membership_fact is 'A fact about a membership, of kind membership or membership_deleted.';

create type clerk_sync.organization_fact as (kind text, clerk_id text, name text, slug text, image_url text, created_by text, public_metadata jsonb, clerk_created_at timestamp with time zone, clerk_updated_at timestamp with time zone, deleted_at timestamp with time zone);
comment on type clerk_sync.organization_fact is 'A fact about an organization, of kind organization or organization_deleted.';

create type clerk_sync.user_fact as (kind text, clerk_id text, email text, email_verified boolean, first_name text, last_name text, username text, image_url text, phone text, external_id text, public_metadata jsonb, banned boolean, locked boolean, last_sign_in_at timestamp with time zone, clerk_created_at timestamp with time zone, clerk_updated_at timestamp with time zone, deleted_at timestamp with time zone);
comment on type clerk_sync.user_fact is 'A fact about a user, of kind user or user_deleted.';

create type clerk_sync.written as (created text[], updated text[]);
comment on type clerk_sync.written is 'The Clerk ids of the rows that a statement created, and of those that it updated.';

create table public.users (
  id uuid not null default gen_random_uuid(),
  clerk_id text not null,
  email text,
  email_verified boolean not null default false,
  first_name text,
  last_name text,
  username text,
  image_url text,
  phone text,
  external_id text,
  public_metadata jsonb not null default '{}'::jsonb,
  banned boolean not null default false,
  locked boolean not null default false,
  last_sign_in_at timestamp with time zone,
  clerk_created_at timestamp with time zone,
  clerk_updated_at timestamp with time zone,
  is_active boolean not null default true,
  deleted_at timestamp with time zone,
  erased_at timestamp with time zone,
  deactivated_at timestamp with time zone,
  revived_at timestamp with time zone,
  metadata jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  synced_at timestamp with time zone,
  constraint users_clerk_id_key UNIQUE (clerk_id),
  constraint users_clerk_id_present CHECK ((clerk_id <> ''::text)),
  constraint users_clerk_times_finite CHECK ((isfinite(clerk_updated_at) AND isfinite(clerk_created_at) AND isfinite(last_sign_in_at) AND isfinite(deleted_at))),
  constraint users_deactivated_is_inactive CHECK (((deactivated_at IS NULL) OR (NOT is_active))),
  constraint users_deleted_is_inactive CHECK (((deleted_at IS NULL) OR (NOT is_active))),
  constraint users_erased_is_deleted CHECK (((erased_at IS NULL) OR ((deleted_at IS NOT NULL) AND (num_nonnulls(email, first_name, last_name, username, image_url, phone, external_id) = 0) AND (public_metadata = '{}'::jsonb)))),
  constraint users_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint users_metadata_size CHECK ((octet_length((metadata)::text) <= 16384)),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_public_metadata_is_object CHECK ((jsonb_typeof(public_metadata) = 'object'::text)),
  constraint users_verified_has_email CHECK (((email IS NOT NULL) OR (NOT email_verified)))
);
CREATE INDEX users_clerk_created_at ON public.users USING btree (clerk_created_at) WHERE (deleted_at IS NULL);
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
alter table public.users enable row level security;
grant select on table public.users to authenticated;
grant delete, insert, select, update on table public.users to service_role;
grant update (metadata) on table public.users to authenticated;
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

create table public.organizations (
  id uuid not null default gen_random_uuid(),
  clerk_id text not null,
  name text,
  slug text,
  image_url text,
  created_by text,
  public_metadata jsonb not null default '{}'::jsonb,
  clerk_created_at timestamp with time zone,
  clerk_updated_at timestamp with time zone,
  is_active boolean not null default true,
  deleted_at timestamp with time zone,
  deactivated_at timestamp with time zone,
  metadata jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  synced_at timestamp with time zone,
  constraint organizations_clerk_id_key UNIQUE (clerk_id),
  constraint organizations_clerk_id_present CHECK ((clerk_id <> ''::text)),
  constraint organizations_clerk_times_finite CHECK ((isfinite(clerk_updated_at) AND isfinite(clerk_created_at) AND isfinite(deleted_at))),
  constraint organizations_deactivated_is_inactive CHECK (((deactivated_at IS NULL) OR (NOT is_active))),
  constraint organizations_deleted_is_inactive CHECK (((deleted_at IS NULL) OR (NOT is_active))),
  constraint organizations_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint organizations_metadata_size CHECK ((octet_length((metadata)::text) <= 16384)),
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_public_metadata_is_object CHECK ((jsonb_typeof(public_metadata) = 'object'::text))
);
CREATE INDEX organizations_clerk_created_at ON public.organizations USING btree (clerk_created_at) WHERE (deleted_at IS NULL);
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
alter table public.organizations enable row level security;
grant select on table public.organizations to authenticated;
grant delete, insert, select, update on table public.organizations to service_role;
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

create table public.organization_memberships (
  id uuid not null default gen_random_uuid(),
  clerk_id text not null,
  organization_clerk_id text,
  user_clerk_id text,
  role text,
  permissions text[] not null default '{}'::text[],
  clerk_created_at timestamp with time zone,
  clerk_updated_at timestamp with time zone,
  is_active boolean not null default true,
  deleted_at timestamp with time zone,
  deactivated_at timestamp with time zone,
  metadata jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  synced_at timestamp with time zone,
  constraint organization_memberships_clerk_id_key UNIQUE (clerk_id),
  constraint organization_memberships_clerk_id_present CHECK ((clerk_id <> ''::text)),
  constraint organization_memberships_clerk_times_finite CHECK ((isfinite(clerk_updated_at) AND isfinite(clerk_created_at) AND isfinite(deleted_at))),
  constraint organization_memberships_deactivated_is_inactive CHECK (((deactivated_at IS NULL) OR (NOT is_active))),
  constraint organization_memberships_deleted_is_inactive CHECK (((deleted_at IS NULL) OR (NOT is_active))),
  constraint organization_memberships_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint organization_memberships_metadata_size CHECK ((octet_length((metadata)::text) <= 16384)),
  constraint organization_memberships_organization_key UNIQUE (organization_clerk_id, clerk_id) DEFERRABLE,
  constraint organization_memberships_pkey PRIMARY KEY (id),
  constraint organization_memberships_state_complete CHECK (((num_nulls(organization_clerk_id, role) = 0) OR ((clerk_updated_at IS NULL) AND (NOT is_active)))),
  constraint organization_memberships_user_key UNIQUE (user_clerk_id, organization_clerk_id, clerk_id) DEFERRABLE
);
CREATE INDEX organization_memberships_clerk_created_at ON public.organization_memberships USING btree (clerk_created_at) WHERE (deleted_at IS NULL);
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
alter table public.organization_memberships enable row level security;
grant select on table public.organization_memberships to authenticated;
grant delete, insert, select, update on table public.organization_memberships to service_role;
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

create table public.clerk_deliveries (
  delivery_id text not null,
  event_type text,
  subject text,
  source text not null default 'webhook'::text,
  occurred_at timestamp with time zone,
  received_at timestamp with time zone not null default now(),
  last_received_at timestamp with time zone not null default now(),
  attempts integer not null default 1,
  outcome text not null,
  reason text,
  actor text,
  constraint clerk_deliveries_attempted CHECK ((attempts > 0)),
  constraint clerk_deliveries_outcome_known CHECK ((outcome ~ '^(created|updated|unchanged|stale|invalid|rejected|revived|linked)$'::text)),
  constraint clerk_deliveries_pkey PRIMARY KEY (delivery_id),
  constraint clerk_deliveries_source_known CHECK ((source ~ '^(webhook|users-sync|backfill|reconcile|operator)$'::text))
);
CREATE INDEX clerk_deliveries_received_at ON public.clerk_deliveries USING btree (received_at);
CREATE INDEX clerk_deliveries_refused ON public.clerk_deliveries USING btree (received_at) WHERE (outcome = ANY (ARRAY['invalid'::text, 'rejected'::text]));
alter table public.clerk_deliveries enable row level security;
grant delete, insert, select, update on table public.clerk_deliveries to service_role;
comment on table public.clerk_deliveries is 'Deliveries of events about users, organizations or memberships, and of genuine events that were refused. Kept for 30 days: see purge_clerk_deliveries(). Also what operators did by hand, which is kept for good.';
comment on column public.clerk_deliveries.delivery_id is 'svix-id of the message, the same in every delivery of it. Our own id for what did not come by webhook.';
comment on column public.clerk_deliveries.event_type is 'The event''s type, such as user.updated. Null if the body did not say.';
comment on column public.clerk_deliveries.subject is 'Clerk''s id of what the event is about. Null if the event did not say.';
comment on column public.clerk_deliveries.source is 'How it came: webhook, users-sync, backfill or reconcile; operator for what somebody did by hand.';
comment on column public.clerk_deliveries.occurred_at is 'When it happened, by Clerk''s clock.';
comment on column public.clerk_deliveries.received_at is 'When it first came.';
comment on column public.clerk_deliveries.last_received_at is 'When it last came.';
comment on column public.clerk_deliveries.attempts is 'How often it came.';
comment on column public.clerk_deliveries.outcome is 'What became of it. created, updated, unchanged, stale: as in apply_clerk_facts(); invalid: the event is not as Clerk describes it; rejected: the database refused it; revived: revive_clerk_user() took back a deletion; linked: link_clerk_user() gave a row another Clerk id.';
comment on column public.clerk_deliveries.reason is 'Why it is invalid (what it lacks, by path), rejected (SQLSTATE and the names in the error), revived or linked (the reason that the operator gave).';
comment on column public.clerk_deliveries.actor is 'The database roles of the operator who did it by hand. Null for deliveries.';

create table public.clerk_sync_runs (
  id uuid not null default gen_random_uuid(),
  kind text not null,
  repairs boolean not null,
  state jsonb not null default '{}'::jsonb,
  counts jsonb not null default '{}'::jsonb,
  drift bigint not null default 0,
  holder uuid not null,
  held_until timestamp with time zone not null,
  started_at timestamp with time zone not null default now(),
  saved_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  outcome text,
  reason text,
  constraint clerk_sync_runs_drift_counted CHECK ((drift >= 0)),
  constraint clerk_sync_runs_ended_with_outcome CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  constraint clerk_sync_runs_kind_known CHECK ((kind = ANY (ARRAY['backfill'::text, 'count'::text, 'recent'::text, 'full'::text]))),
  constraint clerk_sync_runs_outcome_known CHECK ((outcome = ANY (ARRAY['complete'::text, 'clean'::text, 'drift'::text, 'repaired'::text, 'failed'::text, 'abandoned'::text]))),
  constraint clerk_sync_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX clerk_sync_runs_latest ON public.clerk_sync_runs USING btree (kind, started_at);
CREATE UNIQUE INDEX clerk_sync_runs_open ON public.clerk_sync_runs USING btree (kind) WHERE (ended_at IS NULL);
alter table public.clerk_sync_runs enable row level security;
grant delete, insert, select, update on table public.clerk_sync_runs to service_role;
comment on table public.clerk_sync_runs is 'Runs of backfill and reconcile: where those under way stand, and what became of the others. No personal data: only Clerk ids and times.';
comment on column public.clerk_sync_runs.id is 'The run''s id.';
comment on column public.clerk_sync_runs.kind is 'backfill: writes everybody whom Clerk has; count, recent, full: what a reconciliation compares.';
comment on column public.clerk_sync_runs.repairs is 'Whether the run mends what it finds.';
comment on column public.clerk_sync_runs.state is 'Where the run goes on: windows of creation times, each with its cursor.';
comment on column public.clerk_sync_runs.counts is 'What the run has read, written and found so far, for each resource.';
comment on column public.clerk_sync_runs.drift is 'How many differences are left: found and not mended.';
comment on column public.clerk_sync_runs.holder is 'The process that works on the run.';
comment on column public.clerk_sync_runs.held_until is 'Until then nobody else takes the run over. Each save moves it on.';
comment on column public.clerk_sync_runs.started_at is 'When the run began.';
comment on column public.clerk_sync_runs.saved_at is 'When its state was last saved.';
comment on column public.clerk_sync_runs.ended_at is 'When the run ended. Null while it is open, interrupted or not.';
comment on column public.clerk_sync_runs.outcome is 'complete: a backfill that has read everything; clean: nothing differs; drift: something differs; repaired: nothing differs any more; failed: it gave up, and reason says why; abandoned: another run began in its place. Null while it is open.';
comment on column public.clerk_sync_runs.reason is 'Why it failed.';

CREATE OR REPLACE FUNCTION public.apply_clerk_facts(p_facts jsonb, p_return_users boolean DEFAULT false)
 RETURNS TABLE(item integer, outcome text, reason text, "user" jsonb, active boolean)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '4s'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_fact constant jsonb := p_facts -> 0;
  v_delivery constant jsonb := v_fact -> 'delivery';
  v_key constant bigint := hashtextextended('clerk facts', 0);
  v_state clerk_sync.user_fact;
  v_written clerk_sync.written;
  v_applied clerk_sync.applied_facts;
begin
  -- A shortcut for the state of a user that comes alone, as most events do. The functions for batches do the same, but
  -- calling them costs as much again as the two rows.
  if jsonb_array_length(p_facts) = 1 and v_fact ->> 'kind' = 'user' then
    begin
      if not pg_try_advisory_xact_lock_shared(v_key) then
        perform pg_advisory_xact_lock_shared(v_key);
      end if;
      -- A sign-up has nothing to be compared with. If it comes again, it must not reach the application's triggers.
      if v_delivery ->> 'type' = 'user.created' then
        v_state := jsonb_populate_record(null::clerk_sync.user_fact, v_fact);
        insert into public.users (
          clerk_id, email, email_verified, first_name, last_name, username, image_url, phone, external_id,
          public_metadata, banned, locked, last_sign_in_at, clerk_created_at, clerk_updated_at, is_active, synced_at
        )
        select
          v_state.clerk_id, v_state.email, coalesce(v_state.email_verified, false), v_state.first_name,
          v_state.last_name, v_state.username, v_state.image_url, v_state.phone, v_state.external_id,
          coalesce(v_state.public_metadata, '{}'), coalesce(v_state.banned, false), coalesce(v_state.locked, false),
          v_state.last_sign_in_at, v_state.clerk_created_at, v_state.clerk_updated_at, true, now()
        where v_state.clerk_id is not null and v_state.clerk_updated_at is not null
          and not exists (select from public.users as c where c.clerk_id = v_state.clerk_id)
        on conflict (clerk_id) do nothing;
        outcome := case when found then 'created' end;
      end if;
      if outcome is null then
        v_written := clerk_sync.write_users(p_facts, true);
        outcome := case
          when v_written.updated is not null then 'updated'
          when v_written.created is not null then 'created'
          -- It is known, or was known by the time its row was locked.
          else (clerk_sync.known_users(p_facts))[1]
        end;
      end if;
      if outcome is null then
        raise exception using errcode = 'triggered_data_change_violation', message = 'A row was not written';
      end if;
      set constraints all immediate;
      if v_delivery ->> 'id' is not null then
        insert into public.clerk_deliveries (delivery_id, event_type, subject, source, occurred_at, outcome)
        values (
          v_delivery ->> 'id', v_delivery ->> 'type', v_fact ->> 'clerk_id',
          coalesce(v_delivery ->> 'source', 'webhook'), (v_delivery ->> 'occurred_at')::timestamptz, outcome
        )
        on conflict (delivery_id) do nothing;
        if not found then
          outcome := clerk_sync.record_delivery(v_fact, outcome, null);
        end if;
      end if;
    exception when others or assert_failure then
      if clerk_sync.is_outage(sqlstate) then
        raise;
      end if;
      -- All of this is undone. What follows finds out who refused it.
      outcome := null;
    end;
    v_applied.outcomes[1] := outcome;
  end if;
  if outcome is null then
    v_applied := clerk_sync.apply_facts(p_facts);
    if jsonb_path_exists(p_facts, '$[*].delivery.id') then
      v_applied.outcomes := clerk_sync.record_deliveries(p_facts, v_applied);
    end if;
  end if;
  if not p_return_users and cardinality(v_applied.outcomes) > 1 then
    return query
      select a.item::integer, a.outcome, a.reason, null::jsonb, null::boolean
      from unnest(v_applied.outcomes, v_applied.reasons) with ordinality as a (outcome, reason, item)
      order by a.item;
    return;
  end if;
  if p_return_users then
    -- Times in JSON are in the session's time zone.
    perform set_config('timezone', 'UTC', true);
  end if;
  for v_item in 1 .. coalesce(cardinality(v_applied.outcomes), 0) loop
    item := v_item;
    outcome := v_applied.outcomes[v_item];
    reason := v_applied.reasons[v_item];
    "user" := null;
    active := null;
    if p_return_users and outcome <> 'rejected' then
      select clerk_sync.visible_user(to_jsonb(u.*)), clerk_sync.is_active_user(to_jsonb(u.*))
      into "user", active
      from public.users as u
      where u.clerk_id = p_facts -> (v_item - 1) ->> 'clerk_id';
    end if;
    return next;
  end loop;
end
$function$
;
grant execute on function apply_clerk_facts(jsonb,boolean) to service_role;
comment on function apply_clerk_facts(jsonb,boolean) is 'Writes a batch of facts about Clerk''s users, organizations and memberships, in one transaction.

p_facts: an array of
{"kind":"user","clerk_id",…,"clerk_updated_at"}: a state; columns of users, times in RFC 3339;
{"kind":"user_deleted","clerk_id","deleted_at"}: a deletion; it ends the user''s memberships;
{"kind":"organization",…} and {"kind":"organization_deleted",…}: the same for organizations;
{"kind":"membership",…} and {"kind":"membership_deleted",…}: the same for organization_memberships; a deletion may include the last state;
{"kind":"invalid","reason"}: no fact, but a delivery to record.
Each may have "delivery":{"id","type","source","occurred_at"} and is then recorded in clerk_deliveries.
p_return_users: whether to return the user of each item: the current row with the columns that the user may read, and whether the user is active.

Returns one row per item; "item" counts from 1. "outcome" is
created: there was no row; updated: the row changed; unchanged: the row already showed this; stale: the row shows a newer state; duplicate: the delivery had come before and changed nothing; invalid: as given; rejected: it cannot be applied, and "reason" has the SQLSTATE and the names in the error.';

CREATE OR REPLACE FUNCTION public.claim_clerk_sync_run(p_kind text, p_repairs boolean, p_holder uuid, p_anew boolean DEFAULT false)
 RETURNS TABLE(id uuid, held boolean, resumed boolean, state jsonb, counts jsonb, started_at timestamp with time zone, since timestamp with time zone)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
declare
  v_run public.clerk_sync_runs;
  v_resumed boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('clerk sync run ' || p_kind, 0));
  select r.* into v_run from public.clerk_sync_runs as r where r.kind = p_kind and r.ended_at is null for update;
  if v_run.held_until > clock_timestamp() and v_run.holder <> p_holder then
    return query select v_run.id, false, false, null::jsonb, null::jsonb, v_run.started_at, null::timestamptz;
    return;
  end if;
  if v_run.id is not null and (p_anew or v_run.repairs <> p_repairs) then
    update public.clerk_sync_runs as r set ended_at = now(), outcome = 'abandoned', state = '{}' where r.id = v_run.id;
    v_run := null;
  end if;
  v_resumed := v_run.id is not null;
  delete from public.clerk_sync_runs as r where r.kind = p_kind and r.ended_at < now() - interval '90 days';
  if v_resumed then
    update public.clerk_sync_runs as r set holder = p_holder, held_until = clock_timestamp() + interval '15 seconds'
    where r.id = v_run.id;
  else
    insert into public.clerk_sync_runs (kind, repairs, holder, held_until)
    values (p_kind, p_repairs, p_holder, clock_timestamp() + interval '15 seconds')
    returning * into v_run;
  end if;
  return query
    select v_run.id, true, v_resumed, v_run.state, v_run.counts, v_run.started_at, (
      select max(r.started_at) from public.clerk_sync_runs as r
      where r.kind in ('backfill', 'recent', 'full')
        -- What a run that mends has left cannot be mended by looking at it again.
        and (r.outcome in ('complete', 'clean', 'repaired') or r.outcome = 'drift' and r.repairs)
    );
end
$function$
;
grant execute on function claim_clerk_sync_run(text,boolean,uuid,boolean) to service_role;
comment on function claim_clerk_sync_run(text,boolean,uuid,boolean) is 'Takes over the open run of a kind, or begins one. held is false if another process works on it: then nothing has changed. resumed says that an earlier process left it; with p_anew, or if it mends and this one does not, it is abandoned instead. since is when the last run began that has mended what can be mended: whatever changed in Clerk before then is known. Runs that ended more than 90 days ago are removed.';

CREATE OR REPLACE FUNCTION clerk_auth.has_role(p_organization_id text, p_role text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return coalesce(clerk_auth.role_in(p_organization_id) = p_role, false);
end
$function$
;
grant execute on function clerk_auth.has_role(text,text) to anon;
grant execute on function clerk_auth.has_role(text,text) to authenticated;
grant execute on function clerk_auth.has_role(text,text) to service_role;
comment on function clerk_auth.has_role(text,text) is 'Whether the signed-in user has the role, such as org:admin, in the organization.';

CREATE OR REPLACE FUNCTION clerk_auth.is_member(p_organization_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return clerk_auth.role_in(p_organization_id) is not null;
end
$function$
;
grant execute on function clerk_auth.is_member(text) to anon;
grant execute on function clerk_auth.is_member(text) to authenticated;
grant execute on function clerk_auth.is_member(text) to service_role;
comment on function clerk_auth.is_member(text) is 'Whether the signed-in user is a member of the organization.';

CREATE OR REPLACE FUNCTION clerk_auth.organization_id()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return (
    select coalesce(t.claims -> 'o' ->> 'id', t.claims ->> 'org_id') from auth.jwt() as t (claims)
    where clerk_auth.user_id() is not null
  );
end
$function$
;
grant execute on function clerk_auth.organization_id() to anon;
grant execute on function clerk_auth.organization_id() to authenticated;
grant execute on function clerk_auth.organization_id() to service_role;
comment on function clerk_auth.organization_id() is 'Clerk''s id of the active organization in the session token (version 2 or 1). Null if there is none or user_id() is null. This is only what the token says: is_member() and has_role() tell whether the user still belongs to it.';

CREATE OR REPLACE FUNCTION clerk_auth.organization_ids()
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select m.organization_clerk_id from clerk_sync.current_memberships(clerk_auth.user_id()) as m
  );
end
$function$
;
grant execute on function clerk_auth.organization_ids() to anon;
grant execute on function clerk_auth.organization_ids() to authenticated;
grant execute on function clerk_auth.organization_ids() to service_role;
comment on function clerk_auth.organization_ids() is 'Clerk''s ids of the organizations that the signed-in user is a member of. In a policy: organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]).';

CREATE OR REPLACE FUNCTION clerk_auth.organization_ids(p_role text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select m.organization_clerk_id from clerk_sync.current_memberships(clerk_auth.user_id()) as m
    where m.role = p_role
  );
end
$function$
;
grant execute on function clerk_auth.organization_ids(text) to anon;
grant execute on function clerk_auth.organization_ids(text) to authenticated;
grant execute on function clerk_auth.organization_ids(text) to service_role;
comment on function clerk_auth.organization_ids(text) is 'Clerk''s ids of the organizations in which the signed-in user has the role, such as org:admin.';

CREATE OR REPLACE FUNCTION clerk_auth.role_in(p_organization_id text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- Null means no organization here, but all of them in current_memberships().
  if p_organization_id is null then
    return null;
  end if;
  return (
    select m.role from clerk_sync.current_memberships(clerk_auth.user_id(), p_organization_id) as m
  );
end
$function$
;
grant execute on function clerk_auth.role_in(text) to anon;
grant execute on function clerk_auth.role_in(text) to authenticated;
grant execute on function clerk_auth.role_in(text) to service_role;
comment on function clerk_auth.role_in(text) is 'The signed-in user''s role in an organization, such as org:admin. Null if they are not a member.';

CREATE OR REPLACE FUNCTION clerk_auth.user_id()
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return (
    -- By the full name, because the application's users may have a column that is called the same.
    select t.claims ->> 'sub' from auth.jwt() as t (claims)
    where t.claims ->> 'sid' <> ''
      and t.claims ->> 'sts' is distinct from 'pending'
      -- A user without a row is not known to be inactive.
      and not exists (
        select from public.users as u
        where u.clerk_id = t.claims ->> 'sub' and (u.is_active and not u.banned) is not true
      )
  );
end
$function$
;
grant execute on function clerk_auth.user_id() to anon;
grant execute on function clerk_auth.user_id() to authenticated;
grant execute on function clerk_auth.user_id() to service_role;
comment on function clerk_auth.user_id() is 'Clerk''s id of the signed-in user. Null without a session token, while the session has pending tasks, and while the user is deleted, deactivated or banned.';

CREATE OR REPLACE FUNCTION clerk_sync.apply_batch(p_facts jsonb, p_careful boolean)
 RETURNS clerk_sync.applied_facts
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_kinds constant jsonb := jsonb_path_query_array(p_facts, '$[*].kind');
  v_length constant integer := jsonb_array_length(p_facts);
  v_ended jsonb;
  v_users text[];
  v_organizations text[];
  v_memberships text[];
  v_applied clerk_sync.applied_facts;
  v_fact jsonb;
begin
  if v_kinds ?| '{membership,membership_deleted,user_deleted,organization_deleted}' then
    perform clerk_sync.lock_memberships(p_facts);
  end if;
  -- Every writer takes users first, then organizations, then memberships.
  if v_kinds ?| '{user,user_deleted}' then
    v_users := clerk_sync.write_facts('user', p_facts, p_careful);
  end if;
  if v_kinds ?| '{organization,organization_deleted}' then
    v_organizations := clerk_sync.write_facts('organization', p_facts, p_careful);
  end if;
  if v_kinds ?| '{membership,membership_deleted}' then
    -- Memberships that end are written together with the batch's own, so that all are locked in one order.
    select jsonb_agg(
      jsonb_build_object('kind', 'membership_deleted', 'clerk_id', e.clerk_id, 'deleted_at', e.deleted_at)
    )
    into v_ended
    from clerk_sync.find_ended_memberships(p_facts) as e;
    v_memberships := clerk_sync.write_facts('membership', p_facts || coalesce(v_ended, '[]'), p_careful);
    -- Those that ended with their user or organization are not facts of the batch.
    v_memberships := v_memberships[: v_length];
  elsif v_kinds ?| '{user_deleted,organization_deleted}' then
    perform clerk_sync.end_memberships(p_facts);
  end if;
  -- Runs the application's deferred checks here, while the fact that fails one can still be identified.
  set constraints all immediate;
  v_applied.outcomes := coalesce(v_users, v_organizations, v_memberships, array_fill(null::text, array[v_length]));
  if num_nonnulls(v_users, v_organizations, v_memberships) > 1 then
    v_applied.outcomes := array(
      select coalesce(w.as_user, w.as_organization, w.as_membership)
      from unnest(v_users, v_organizations, v_memberships) with ordinality
        as w (as_user, as_organization, as_membership, item)
      order by w.item
    );
  end if;
  if array_position(v_applied.outcomes, null) is null then
    return v_applied;
  end if;
  for v_item in 1 .. v_length loop
    continue when v_applied.outcomes[v_item] is not null;
    v_fact := p_facts -> (v_item - 1);
    if v_fact ->> 'kind' = 'invalid' then
      v_applied.outcomes[v_item] := 'invalid';
      v_applied.reasons[v_item] := v_fact ->> 'reason';
    elsif clerk_sync.has_place(v_fact) then
      -- A trigger of the application has silently kept the row out.
      raise exception using errcode = 'triggered_data_change_violation', message = 'A row was not written';
    else
      v_applied.outcomes[v_item] := 'rejected';
      -- invalid_parameter_value
      v_applied.reasons[v_item] := '22023';
    end if;
  end loop;
  return v_applied;
end
$function$
;
grant execute on function clerk_sync.apply_batch(jsonb,boolean) to service_role;
comment on function clerk_sync.apply_batch(jsonb,boolean) is 'Merges a batch of facts into their rows, all or none. p_careful is as for write_facts(). Raises if the database refuses one of them.';

CREATE OR REPLACE FUNCTION clerk_sync.apply_facts(p_facts jsonb)
 RETURNS clerk_sync.applied_facts
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  -- All writers of batches share this lock. A writer that goes fact by fact holds it alone.
  v_key constant bigint := hashtextextended('clerk facts', 0);
  v_patience constant text := current_setting('lock_timeout');
  v_careful boolean := false;
  v_applied clerk_sync.applied_facts;
  v_one clerk_sync.applied_facts;
  v_item integer;
  v_refusal text;
  v_table text;
  v_column text;
  v_constraint text;
  v_context text;
begin
  loop
    begin
      -- There is hardly ever anything to wait for, and a condition costs less than a statement.
      if not pg_try_advisory_xact_lock_shared(v_key) then
        perform pg_advisory_xact_lock_shared(v_key);
      end if;
      if jsonb_array_length(p_facts) = 1 or v_careful then
        return clerk_sync.apply_batch(p_facts, v_careful);
      end if;
      -- A batch also locks rows for which it has no news. If one is held for long, or if the batch has two facts about
      -- a subject, it begins again with care, and waits only for the rows for which it has news.
      perform set_config('lock_timeout', '100ms', true);
      v_applied := clerk_sync.apply_batch(p_facts, false);
      perform set_config('lock_timeout', v_patience, true);
      return v_applied;
    exception when others or assert_failure then
      if not v_careful and (sqlstate = '21000' or sqlstate = '55P03' and jsonb_array_length(p_facts) > 1) then
        v_careful := true;
        continue;
      end if;
      if clerk_sync.is_outage(sqlstate) then
        raise;
      end if;
      get stacked diagnostics
        v_table = table_name, v_column = column_name, v_constraint = constraint_name,
        v_context = pg_exception_context;
      -- Never the message: it may quote personal data.
      v_refusal := clerk_sync.describe_refusal(sqlstate, v_table, v_column, v_constraint, v_context);
    end;
    exit;
  end loop;
  if jsonb_array_length(p_facts) = 1 then
    return (array['rejected'], array[v_refusal])::clerk_sync.applied_facts;
  end if;
  -- Some fact is refused. It must not spoil the others, so each is applied alone. A user's deletion then locks
  -- memberships before the next user, which is not the order of other writers, so this keeps them out meanwhile.
  perform pg_advisory_xact_lock(v_key);
  for v_item in
    select f.item
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
    order by array_position('{user,organization,membership}', regexp_replace(f.fact ->> 'kind', '_deleted$', '')), f.item
  loop
    v_one := clerk_sync.apply_facts(jsonb_build_array(p_facts -> (v_item - 1)));
    v_applied.outcomes[v_item] := v_one.outcomes[1];
    v_applied.reasons[v_item] := v_one.reasons[1];
  end loop;
  return v_applied;
end
$function$
;
grant execute on function clerk_sync.apply_facts(jsonb) to service_role;
comment on function clerk_sync.apply_facts(jsonb) is 'Merges a batch of facts into their rows. Rejects only those that the database refuses.';

CREATE OR REPLACE FUNCTION clerk_sync.current_memberships(p_user_clerk_id text, p_organization_clerk_id text DEFAULT NULL::text)
 RETURNS TABLE(organization_clerk_id text, role text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
begin
  return query
    -- An application's column may be a varchar.
    select m.organization_clerk_id::text, m.role::text
    from (
      -- A user who has left and joined again has several memberships, of which the last one counts. A deactivation by
      -- the application applies to all of them.
      select distinct on (m.organization_clerk_id)
        m.organization_clerk_id, m.role, m.is_active,
        count(m.deactivated_at) over (partition by m.organization_clerk_id) > 0 as is_deactivated
      from public.organization_memberships as m
      where m.user_clerk_id = p_user_clerk_id
        and (p_organization_clerk_id is null or m.organization_clerk_id = p_organization_clerk_id)
      order by m.organization_clerk_id, m.clerk_created_at desc nulls last, m.clerk_id collate "C" desc
    ) as m
    where m.is_active and not m.is_deactivated
      -- The user and the organization need not have a row yet.
      and not exists (
        select from public.users as u
        where u.clerk_id = p_user_clerk_id and (u.is_active and not u.banned) is not true
      )
      and not exists (
        select from public.organizations as o
        where o.clerk_id = m.organization_clerk_id and o.is_active is not true
      );
end
$function$
;
grant execute on function clerk_sync.current_memberships(text,text) to service_role;
comment on function clerk_sync.current_memberships(text,text) is 'The organizations that a user belongs to, each once, with the role. With p_organization_clerk_id, only that one.';

CREATE OR REPLACE FUNCTION clerk_sync.describe_refusal(p_sqlstate text, p_table text, p_column text, p_constraint text, p_context text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  -- The innermost function. If a trigger refused, it is the trigger's.
  v_function constant text := substring(p_context from 'function ([^\s(]+)\(');
begin
  return concat_ws(
    ' ', p_sqlstate,
    nullif(concat_ws('.', nullif(p_table, ''), nullif(p_column, '')), ''),
    nullif(p_constraint, ''),
    case when v_function not like 'clerk_sync.%' then 'in ' || v_function end
  );
end
$function$
;
grant execute on function clerk_sync.describe_refusal(text,text,text,text,text) to service_role;
comment on function clerk_sync.describe_refusal(text,text,text,text,text) is 'Says what refused a fact: SQLSTATE and the names of table, column, constraint and function, as far as the error has them. Leaves out its message, which may quote values.';

CREATE OR REPLACE FUNCTION clerk_sync.differing_columns(p_state jsonb, p_row jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select coalesce(array_agg(s.key order by s.key), '{}')
  from jsonb_each(p_state) as s
  where s.key not in ('kind', 'clerk_id', 'deleted_at') and s.value is distinct from p_row -> s.key
$function$
;
grant execute on function clerk_sync.differing_columns(jsonb,jsonb) to service_role;
comment on function clerk_sync.differing_columns(jsonb,jsonb) is 'The names of the columns in which a row is not what a state says.';

CREATE OR REPLACE FUNCTION clerk_sync.end_memberships(p_facts jsonb)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
  with ended as materialized (
    -- A membership may end with its user and its organization at once.
    select e.clerk_id, min(e.deleted_at) as deleted_at
    from clerk_sync.find_ended_memberships(p_facts) as e
    group by e.clerk_id
    -- The order in which every writer locks memberships.
    order by e.clerk_id collate "C"
  ),
  locked as materialized (
    select m.clerk_id, e.deleted_at
    from ended as e
    cross join lateral (
      select m.clerk_id from public.organization_memberships as m where m.clerk_id = e.clerk_id for update
    ) as m
  )
  update public.organization_memberships as m
  set deleted_at = least(m.deleted_at, l.deleted_at), is_active = false, synced_at = now()
  from locked as l
  where m.clerk_id = l.clerk_id and (m.deleted_at is null or m.deleted_at > l.deleted_at)
$function$
;
grant execute on function clerk_sync.end_memberships(jsonb) to service_role;
comment on function clerk_sync.end_memberships(jsonb) is 'Ends the memberships of the users and organizations that a batch deletes. An organization may have very many, so this is one update instead of a fact for each.';

CREATE OR REPLACE FUNCTION clerk_sync.find_ended_memberships(p_facts jsonb)
 RETURNS TABLE(clerk_id text, deleted_at timestamp with time zone)
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with fact as materialized (
    select f ->> 'kind' as kind, f ->> 'clerk_id' as clerk_id,
      f ->> 'user_clerk_id' as user_clerk_id, f ->> 'organization_clerk_id' as organization_clerk_id
    from jsonb_array_elements(p_facts) as f
  ),
  ended as (
    -- The batch's memberships whose user or organization is deleted.
    select f.clerk_id, least(u.deleted_at, o.deleted_at) as deleted_at
    from fact as f
    left join lateral (
      select u.deleted_at from public.users as u where u.clerk_id = f.user_clerk_id offset 0
    ) as u on true
    left join lateral (
      select o.deleted_at from public.organizations as o where o.clerk_id = f.organization_clerk_id offset 0
    ) as o on true
    where f.kind in ('membership', 'membership_deleted') and f.clerk_id is not null
    union all
    -- The memberships of the users and organizations that the batch deletes.
    select m.clerk_id, u.deleted_at
    from fact as f
    cross join lateral (
      select u.deleted_at from public.users as u where u.clerk_id = f.clerk_id offset 0
    ) as u
    cross join lateral (
      select m.clerk_id from public.organization_memberships as m
      where m.user_clerk_id = f.clerk_id and (m.deleted_at is null or m.deleted_at > u.deleted_at)
      offset 0
    ) as m
    where f.kind = 'user_deleted'
    union all
    select m.clerk_id, o.deleted_at
    from fact as f
    cross join lateral (
      select o.deleted_at from public.organizations as o where o.clerk_id = f.clerk_id offset 0
    ) as o
    cross join lateral (
      select m.clerk_id from public.organization_memberships as m
      where m.organization_clerk_id = f.clerk_id and (m.deleted_at is null or m.deleted_at > o.deleted_at)
      offset 0
    ) as m
    where f.kind = 'organization_deleted'
  )
  select e.clerk_id, e.deleted_at from ended as e where e.deleted_at is not null
$function$
;
grant execute on function clerk_sync.find_ended_memberships(jsonb) to service_role;
comment on function clerk_sync.find_ended_memberships(jsonb) is 'The deletions of memberships that follow from a batch whose users and organizations are already written.';

CREATE OR REPLACE FUNCTION clerk_sync.has_place(p_fact jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select p_fact ->> 'clerk_id' is not null and case
    when p_fact ->> 'kind' in ('user', 'organization', 'membership') then p_fact ->> 'clerk_updated_at'
    when p_fact ->> 'kind' in ('user_deleted', 'organization_deleted', 'membership_deleted') then p_fact ->> 'deleted_at'
  end is not null
$function$
;
grant execute on function clerk_sync.has_place(jsonb) to service_role;
comment on function clerk_sync.has_place(jsonb) is 'Whether a fact has a known kind, an id and a time: without them it has no place in the order.';

CREATE OR REPLACE FUNCTION clerk_sync.inherit_deactivation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$
;
grant execute on function clerk_sync.inherit_deactivation() to service_role;
comment on function clerk_sync.inherit_deactivation() is 'Trigger: deactivates a new membership if the application has deactivated the user in its organization.';

CREATE OR REPLACE FUNCTION clerk_sync.is_active_user(p_row jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return ((p_row ->> 'is_active')::boolean and not (p_row ->> 'banned')::boolean) is true;
end
$function$
;
grant execute on function clerk_sync.is_active_user(jsonb) to service_role;
comment on function clerk_sync.is_active_user(jsonb) is 'Whether the user of a row is active: not deleted, not deactivated and not banned.';

CREATE OR REPLACE FUNCTION clerk_sync.is_outage(p_sqlstate text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- Read-only, lock timeout, rollback, out of resources, shutdown, system error: the next fact would fail as well, but
  -- a retry may succeed.
  return p_sqlstate = any ('{25006,55P03}') or left(p_sqlstate, 2) = any ('{40,53,57,58}')
    -- Or a table of ours is missing.
    or p_sqlstate in ('42P01', '42883') and num_nulls(
      to_regclass('public.users'), to_regclass('public.organizations'),
      to_regclass('public.organization_memberships')
    ) > 0;
end
$function$
;
grant execute on function clerk_sync.is_outage(text) to service_role;
comment on function clerk_sync.is_outage(text) is 'Whether an error is about the database as a whole, not about the fact that met it.';

CREATE OR REPLACE FUNCTION clerk_sync.known_organization_memberships(p_facts jsonb)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select (
      select case
        when (f.clerk_updated_at is null or (
          f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
          clerk_sync.membership_content(to_jsonb(f.*)) collate "C"
        ) <= (
          coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
          clerk_sync.membership_content(to_jsonb(c.*))
        ))
        and (f.kind = 'membership' or c.deleted_at <= f.deleted_at)
        and (f.user_clerk_id is null or c.user_clerk_id is not null)
        and (f.organization_clerk_id is null or c.organization_clerk_id is not null)
        then case
          when case f.kind
            when 'membership_deleted' then c.deleted_at is not null
            else (
              f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
              clerk_sync.membership_content(to_jsonb(f.*)) collate "C"
            ) = (
              coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
              clerk_sync.membership_content(to_jsonb(c.*))
            )
          end
          then 'unchanged'
          else 'stale'
        end
      end
      from public.organization_memberships as c
      where c.clerk_id = f.clerk_id
        -- A fact of another kind, or without its time, has no place in the order.
        and case f.kind when 'membership' then f.clerk_updated_at when 'membership_deleted' then f.deleted_at end is not null
    )
    from jsonb_populate_recordset(null::clerk_sync.membership_fact, p_facts) with ordinality as f
    order by f.ordinality
  );
end
$function$
;
grant execute on function clerk_sync.known_organization_memberships(jsonb) to service_role;
comment on function clerk_sync.known_organization_memberships(jsonb) is 'Says for each fact about a membership whether its row knows it, as known_users() does.';

CREATE OR REPLACE FUNCTION clerk_sync.known_organizations(p_facts jsonb)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select (
      select case
        when case f.kind
          when 'organization_deleted' then c.deleted_at <= f.deleted_at
          else (
            f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
            clerk_sync.organization_content(to_jsonb(f.*)) collate "C"
          ) <= (
            coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
            clerk_sync.organization_content(to_jsonb(c.*))
          )
        end
        then case
          when case f.kind
            when 'organization_deleted' then c.deleted_at is not null
            else (
              f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
              clerk_sync.organization_content(to_jsonb(f.*)) collate "C"
            ) = (
              coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
              clerk_sync.organization_content(to_jsonb(c.*))
            )
          end
          then 'unchanged'
          else 'stale'
        end
      end
      from public.organizations as c
      where c.clerk_id = f.clerk_id
        -- A fact of another kind, or without its time, has no place in the order.
        and case f.kind when 'organization' then f.clerk_updated_at when 'organization_deleted' then f.deleted_at end is not null
    )
    from jsonb_populate_recordset(null::clerk_sync.organization_fact, p_facts) with ordinality as f
    order by f.ordinality
  );
end
$function$
;
grant execute on function clerk_sync.known_organizations(jsonb) to service_role;
comment on function clerk_sync.known_organizations(jsonb) is 'Says for each fact about an organization whether its row knows it, as known_users() does.';

CREATE OR REPLACE FUNCTION clerk_sync.known_users(p_facts jsonb)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return array(
    select (
      select case
        when case f.kind
          when 'user_deleted' then c.deleted_at <= f.deleted_at or f.deleted_at <= c.revived_at
          else c.erased_at is not null or (
            f.clerk_updated_at, coalesce(f.last_sign_in_at, '-infinity'), coalesce(f.clerk_created_at, '-infinity'),
            clerk_sync.user_content(to_jsonb(f.*)) collate "C"
          ) <= (
            coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.last_sign_in_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
            clerk_sync.user_content(to_jsonb(c.*))
          )
        end
        then case
          when case f.kind
            when 'user_deleted' then c.deleted_at is not null
            else (
              f.clerk_updated_at, coalesce(f.last_sign_in_at, '-infinity'), coalesce(f.clerk_created_at, '-infinity'),
              clerk_sync.user_content(to_jsonb(f.*)) collate "C"
            ) = (
              coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.last_sign_in_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
              clerk_sync.user_content(to_jsonb(c.*))
            )
          end
          then 'unchanged'
          else 'stale'
        end
      end
      from public.users as c
      where c.clerk_id = f.clerk_id
        -- A fact of another kind, or without its time, has no place in the order.
        and case f.kind when 'user' then f.clerk_updated_at when 'user_deleted' then f.deleted_at end is not null
    )
    from jsonb_populate_recordset(null::clerk_sync.user_fact, p_facts) with ordinality as f
    order by f.ordinality
  );
end
$function$
;
grant execute on function clerk_sync.known_users(jsonb) to service_role;
comment on function clerk_sync.known_users(jsonb) is 'Says for each fact whether its row knows it: unchanged if the row shows it, stale if the row shows something newer, else null. Rows only gain facts: what a row knows now, it will always know.';

CREATE OR REPLACE FUNCTION clerk_sync.limit_lock_wait()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform set_config('lock_timeout', '2s', true);
  return null;
end
$function$
;
grant execute on function clerk_sync.limit_lock_wait() to service_role;
comment on function clerk_sync.limit_lock_wait() is 'Trigger: a user''s own update waits at most two seconds for its row, because it holds one of the API''s few connections meanwhile.';

CREATE OR REPLACE FUNCTION clerk_sync.lock_memberships(p_facts jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_lock record;
begin
  for v_lock in
    select
      hashtextextended(l.name, 0) as key,
      -- Takes the stronger of two locks on the same key, and at once.
      bool_or(l.ends) as ends
    from jsonb_array_elements(p_facts) as f
    cross join lateral (
      values
        ('clerk user ' || (f ->> 'user_clerk_id'), false),
        ('clerk organization ' || (f ->> 'organization_clerk_id'), false),
        (case f ->> 'kind' when 'user_deleted' then 'clerk user ' || (f ->> 'clerk_id') end, true),
        (
          case f ->> 'kind' when 'organization_deleted' then 'clerk organization ' || (f ->> 'clerk_id') end,
          true
        )
    ) as l (name, ends)
    where l.name is not null
    group by key
    -- Every writer takes them in this order, and all of them before it locks any row.
    order by key
  loop
    if v_lock.ends then
      perform pg_advisory_xact_lock(v_lock.key);
    else
      perform pg_advisory_xact_lock_shared(v_lock.key);
    end if;
  end loop;
end
$function$
;
grant execute on function clerk_sync.lock_memberships(jsonb) to service_role;
comment on function clerk_sync.lock_memberships(jsonb) is 'Keeps the writers of a membership and the deletion of its user or organization apart until the transaction ends. If both ran at once, neither would see the other''s row.';

CREATE OR REPLACE FUNCTION clerk_sync.membership_content(p_state jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return jsonb_build_array(
    p_state -> 'role', coalesce(nullif(p_state -> 'permissions', 'null'), '[]')
  );
end
$function$
;
grant execute on function clerk_sync.membership_content(jsonb) to service_role;
comment on function clerk_sync.membership_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

CREATE OR REPLACE FUNCTION clerk_sync.organization_content(p_state jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return jsonb_build_array(
    p_state -> 'name', p_state -> 'slug', p_state -> 'image_url', p_state -> 'created_by',
    coalesce(nullif(p_state -> 'public_metadata', 'null'), '{}')
  );
end
$function$
;
grant execute on function clerk_sync.organization_content(jsonb) to service_role;
comment on function clerk_sync.organization_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

CREATE OR REPLACE FUNCTION clerk_sync.organizations_of(p_user_clerk_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return coalesce((
    select jsonb_agg(
      jsonb_build_object(
        'clerk_id', m.organization_clerk_id, 'name', o.name, 'slug', o.slug, 'role', m.role
      )
      order by m.organization_clerk_id collate "C"
    )
    from clerk_sync.current_memberships(p_user_clerk_id) as m
    left join public.organizations as o on o.clerk_id = m.organization_clerk_id
  ), '[]');
end
$function$
;
grant execute on function clerk_sync.organizations_of(text) to service_role;
comment on function clerk_sync.organizations_of(text) is 'The organizations that a user belongs to, as find_clerk_users() returns them.';

CREATE OR REPLACE FUNCTION clerk_sync.record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_facts)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_item integer;
  v_outcomes text[] := p_applied.outcomes;
begin
  if jsonb_array_length(p_facts) = 1 then
    v_outcomes[1] := clerk_sync.record_delivery(p_facts -> 0, v_outcomes[1], p_applied.reasons[1]);
    return v_outcomes;
  end if;
  -- Every writer locks rows first, then deliveries, by id. One statement may touch an entry only once.
  if exists (
    select from jsonb_array_elements(p_facts) as f
    where f -> 'delivery' ->> 'id' is not null
    group by f -> 'delivery' ->> 'id'
    having count(*) > 1
  ) then
    for v_item in
      select f.item
      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
      order by f.fact -> 'delivery' ->> 'id' collate "C", f.item
    loop
      v_outcomes[v_item] := clerk_sync.record_delivery(
        p_facts -> (v_item - 1), v_outcomes[v_item], p_applied.reasons[v_item]
      );
    end loop;
    return v_outcomes;
  end if;
  insert into public.clerk_deliveries as c (
    delivery_id, event_type, subject, source, occurred_at, outcome, reason
  )
  select
    f.delivery ->> 'id', f.delivery ->> 'type', f.clerk_id, coalesce(f.delivery ->> 'source', 'webhook'),
    (f.delivery ->> 'occurred_at')::timestamptz, f.outcome, f.reason
  from rows from (
    unnest(p_applied.outcomes, p_applied.reasons), jsonb_to_recordset(p_facts) as (clerk_id text, delivery jsonb)
  ) as f (outcome, reason, clerk_id, delivery)
  where f.delivery ->> 'id' is not null
  order by f.delivery ->> 'id' collate "C"
  on conflict (delivery_id) do update set
    attempts = c.attempts + 1,
    last_received_at = now(),
    -- What failed before may succeed now. A success stays as it was.
    outcome = case when c.outcome in ('invalid', 'rejected') then excluded.outcome else c.outcome end,
    reason = case when c.outcome in ('invalid', 'rejected') then excluded.reason end;
  if not v_outcomes && '{unchanged,stale}' then
    return v_outcomes;
  end if;
  return array(
    select case
      when f.outcome in ('unchanged', 'stale') and exists (
        select from public.clerk_deliveries as c where c.delivery_id = f.delivery ->> 'id' and c.attempts > 1
      )
      then 'duplicate'
      else f.outcome
    end
    from rows from (
      unnest(v_outcomes), jsonb_to_recordset(p_facts) as (delivery jsonb)
    ) with ordinality as f (outcome, delivery, item)
    order by f.item
  );
end
$function$
;
grant execute on function clerk_sync.record_deliveries(jsonb,clerk_sync.applied_facts) to service_role;
comment on function clerk_sync.record_deliveries(jsonb,clerk_sync.applied_facts) is 'Writes the ledger for the facts that were deliveries. Returns the outcomes: a delivery that had come before and changed nothing is a duplicate.';

CREATE OR REPLACE FUNCTION clerk_sync.record_delivery(p_fact jsonb, p_outcome text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_delivery constant jsonb := p_fact -> 'delivery';
  v_attempts integer;
begin
  if v_delivery ->> 'id' is null then
    return p_outcome;
  end if;
  insert into public.clerk_deliveries as c (
    delivery_id, event_type, subject, source, occurred_at, outcome, reason
  )
  values (
    v_delivery ->> 'id', v_delivery ->> 'type', p_fact ->> 'clerk_id', coalesce(v_delivery ->> 'source', 'webhook'),
    (v_delivery ->> 'occurred_at')::timestamptz, p_outcome, p_reason
  )
  on conflict (delivery_id) do update set
    attempts = c.attempts + 1,
    last_received_at = now(),
    -- What failed before may succeed now. A success stays as it was.
    outcome = case when c.outcome in ('invalid', 'rejected') then excluded.outcome else c.outcome end,
    reason = case when c.outcome in ('invalid', 'rejected') then excluded.reason end
  returning c.attempts into v_attempts;
  return case when v_attempts > 1 and p_outcome in ('unchanged', 'stale') then 'duplicate' else p_outcome end;
end
$function$
;
grant execute on function clerk_sync.record_delivery(jsonb,text,text) to service_role;
comment on function clerk_sync.record_delivery(jsonb,text,text) is 'Writes the ledger for one fact, if it was a delivery. Returns the outcome as record_deliveries() does. Costs two thirds of what a batch of one would.';

CREATE OR REPLACE FUNCTION clerk_sync.references_to_user(p_clerk_id text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_key record;
  v_found boolean;
  v_tables text[] := '{}';
begin
  for v_key in
    select k.conrelid::regclass as relation, (
      select string_agg(format('r.%I = u.%I', a.attname, b.attname), ' and ')
      from unnest(k.conkey, k.confkey) as c (own, other)
      join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = c.own
      join pg_attribute as b on b.attrelid = k.confrelid and b.attnum = c.other
    ) as condition
    from pg_constraint as k
    where k.contype = 'f' and k.confrelid = 'public.users'::regclass and k.conparentid = 0
    order by 1
  loop
    execute format(
      'select exists (select from %s as r join public.users as u on %s where u.clerk_id = $1)', v_key.relation, v_key.condition
    ) into v_found using p_clerk_id;
    if v_found then
      v_tables := v_tables || v_key.relation::text;
    end if;
  end loop;
  return v_tables;
end
$function$
;
grant execute on function clerk_sync.references_to_user(text) to service_role;
comment on function clerk_sync.references_to_user(text) is 'The tables whose foreign keys refer to the user''s row.';

CREATE OR REPLACE FUNCTION clerk_sync.repeats(p_facts jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return exists (
    select from jsonb_array_elements(p_facts) as f
    where f ->> 'clerk_id' is not null
    group by f ->> 'clerk_id'
    having count(*) > 1
  );
end
$function$
;
grant execute on function clerk_sync.repeats(jsonb) to service_role;
comment on function clerk_sync.repeats(jsonb) is 'Whether a batch has more than one fact about the same subject.';

CREATE OR REPLACE FUNCTION clerk_sync.share_deactivation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
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
$function$
;
grant execute on function clerk_sync.share_deactivation() to service_role;
comment on function clerk_sync.share_deactivation() is 'Trigger: applies the application''s deactivation of a user in an organization, and its end, to all memberships that the user has had there.';

CREATE OR REPLACE FUNCTION clerk_sync.stamp_deactivated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$
;
grant execute on function clerk_sync.stamp_deactivated_at() to service_role;
comment on function clerk_sync.stamp_deactivated_at() is 'Trigger: remembers in deactivated_at that the application has set is_active to false. Without that, a user who is deactivated and then deleted would look like any deleted user.';

CREATE OR REPLACE FUNCTION clerk_sync.stamp_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$
;
grant execute on function clerk_sync.stamp_updated_at() to service_role;
comment on function clerk_sync.stamp_updated_at() is 'Trigger: stamps updated_at on every change of a row.';

CREATE OR REPLACE FUNCTION clerk_sync.user_content(p_state jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return jsonb_build_array(
    p_state -> 'email', coalesce(nullif(p_state -> 'email_verified', 'null'), 'false'), p_state -> 'first_name',
    p_state -> 'last_name', p_state -> 'username', p_state -> 'image_url', p_state -> 'phone',
    p_state -> 'external_id', coalesce(nullif(p_state -> 'public_metadata', 'null'), '{}'),
    coalesce(nullif(p_state -> 'banned', 'null'), 'false'), coalesce(nullif(p_state -> 'locked', 'null'), 'false')
  );
end
$function$
;
grant execute on function clerk_sync.user_content(jsonb) to service_role;
comment on function clerk_sync.user_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

CREATE OR REPLACE FUNCTION clerk_sync.visible_user(p_row jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- The usual case: no column is hidden.
  if has_table_privilege('authenticated', 'public.users', 'select') then
    return p_row;
  end if;
  return (
    select coalesce(jsonb_object_agg(c.key, c.value), '{}')
    from jsonb_each(p_row) as c
    where has_column_privilege('authenticated', 'public.users', c.key, 'select')
  );
end
$function$
;
grant execute on function clerk_sync.visible_user(jsonb) to service_role;
comment on function clerk_sync.visible_user(jsonb) is 'The columns of a row of users that a signed-in user may read.';

CREATE OR REPLACE FUNCTION clerk_sync.write_facts(p_resource text, p_facts jsonb, p_careful boolean)
 RETURNS text[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_length constant integer := jsonb_array_length(p_facts);
  -- A single fact may well be known: looking first then saves the lock and the commit. A batch is mostly news.
  v_look constant boolean := p_careful or v_length = 1;
  v_turn record;
  v_told text[];
  v_written clerk_sync.written;
  v_known text[];
  v_outcomes text[];
begin
  -- One statement may touch a row only once, so another fact about the same subject waits for the next turn.
  if p_careful and clerk_sync.repeats(p_facts) then
    v_outcomes := array_fill(null::text, array[v_length]);
    for v_turn in
      select jsonb_agg(t.fact order by t.item) as facts, array_agg(t.item order by t.item) as items
      from (
        select f.fact, f.item, row_number() over (partition by f.fact ->> 'clerk_id' order by f.item) as turn
        from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
        -- A fact that is not written must not take the turn of one that is.
        where f.fact ->> 'kind' in (p_resource, p_resource || '_deleted') and clerk_sync.has_place(f.fact)
      ) as t
      group by t.turn
      order by t.turn
    loop
      -- The first turn locks every row of the batch, in order, so it must not skip what is known.
      v_told := clerk_sync.write_facts(p_resource, v_turn.facts, false);
      for v_place in 1 .. cardinality(v_turn.items) loop
        v_outcomes[v_turn.items[v_place]] := v_told[v_place];
      end loop;
    end loop;
    return v_outcomes;
  end if;
  v_written := case p_resource
    when 'user' then clerk_sync.write_users(p_facts, v_look)
    when 'organization' then clerk_sync.write_organizations(p_facts, v_look)
    when 'membership' then clerk_sync.write_organization_memberships(p_facts, v_look)
  end;
  if cardinality(v_written.updated) = v_length then
    return array_fill('updated'::text, array[v_length]);
  end if;
  if cardinality(v_written.created) = v_length then
    return array_fill('created'::text, array[v_length]);
  end if;
  -- Of two facts about a row, nobody can tell which one wrote it. If both would have, the statement itself has failed
  -- with this error.
  if v_length > 1 and not p_careful and clerk_sync.repeats(p_facts) then
    raise cardinality_violation;
  end if;
  -- What was not written is known, or was known by the time its row was locked.
  v_known := case p_resource
    when 'user' then clerk_sync.known_users(p_facts)
    when 'organization' then clerk_sync.known_organizations(p_facts)
    when 'membership' then clerk_sync.known_organization_memberships(p_facts)
  end;
  if num_nonnulls(v_written.created, v_written.updated) = 0 then
    return v_known;
  end if;
  return array(
    select coalesce(w.outcome, k.outcome)
    from rows from (unnest(v_known), jsonb_to_recordset(p_facts) as (kind text, clerk_id text)) with ordinality
      as k (outcome, kind, clerk_id, item)
    left join (
      select unnest(v_written.created) as clerk_id, 'created' as outcome
      union all
      select unnest(v_written.updated), 'updated'
    ) as w on w.clerk_id = k.clerk_id and k.kind in (p_resource, p_resource || '_deleted')
    order by k.item
  );
end
$function$
;
grant execute on function clerk_sync.write_facts(text,jsonb,boolean) to service_role;
comment on function clerk_sync.write_facts(text,jsonb,boolean) is 'Merges the facts of a batch that are about one resource: user, organization or membership. The result is as if they came one after another. Returns created, updated, unchanged or stale for each fact; null for facts of other kinds, and for those neither written nor known. With p_careful, what rows know waits for no lock. Without, it raises cardinality_violation if the batch has two facts about a subject.';

CREATE OR REPLACE FUNCTION clerk_sync.write_organization_memberships(p_facts jsonb, p_look boolean)
 RETURNS clerk_sync.written
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_written clerk_sync.written;
begin
  with written as (
    insert into public.organization_memberships as c (
      clerk_id, organization_clerk_id, user_clerk_id, role, permissions, clerk_created_at, clerk_updated_at,
      deleted_at, is_active, synced_at
    )
    select
      f.clerk_id, f.organization_clerk_id, f.user_clerk_id, f.role, coalesce(f.permissions, '{}'),
      f.clerk_created_at, f.clerk_updated_at, case f.kind when 'membership_deleted' then f.deleted_at end,
      f.kind = 'membership', now()
    from jsonb_populate_recordset(null::clerk_sync.membership_fact, p_facts) as f
    where f.clerk_id is not null and case f.kind when 'membership' then f.clerk_updated_at when 'membership_deleted' then f.deleted_at end is not null
      -- Skips what the row knows, as in known_organization_memberships().
      and not (p_look and exists (
        select from public.organization_memberships as c
        where c.clerk_id = f.clerk_id and (
          (f.clerk_updated_at is null or (
            f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
            clerk_sync.membership_content(to_jsonb(f.*)) collate "C"
          ) <= (
            coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
            clerk_sync.membership_content(to_jsonb(c.*))
          ))
          and (f.kind = 'membership' or c.deleted_at <= f.deleted_at)
          and (f.user_clerk_id is null or c.user_clerk_id is not null)
          and (f.organization_clerk_id is null or c.organization_clerk_id is not null)
        )
      ))
    -- Every writer locks rows in this order, so no two ever wait for each other.
    order by f.clerk_id collate "C"
    on conflict (clerk_id) do update set
      (
        role, permissions, clerk_created_at, clerk_updated_at
      ) = (
        select
          case when n.newer then excluded.role else c.role end,
          case when n.newer then excluded.permissions else c.permissions end,
          case when n.newer then excluded.clerk_created_at else c.clerk_created_at end,
          case when n.newer then excluded.clerk_updated_at else c.clerk_updated_at end
        from (
          select (
            excluded.clerk_updated_at, coalesce(excluded.clerk_created_at, '-infinity'),
            clerk_sync.membership_content(to_jsonb(excluded.*)) collate "C"
          ) > (
            coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
            clerk_sync.membership_content(to_jsonb(c.*))
          ) as newer
          offset 0
        ) as n
      ),
      organization_clerk_id = least(c.organization_clerk_id collate "C", excluded.organization_clerk_id),
      user_clerk_id = least(c.user_clerk_id collate "C", excluded.user_clerk_id),
      deleted_at = least(c.deleted_at, excluded.deleted_at),
      is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null
        -- One that ended with a user who was then revived waits for its next state.
        and coalesce(c.clerk_updated_at, excluded.clerk_updated_at) is not null,
      -- Not now(), the beginning of the transaction, which marks a new row.
      synced_at = clock_timestamp(),
      -- As the trigger would, but cheaper.
      updated_at = now()
    where (
        excluded.clerk_updated_at, coalesce(excluded.clerk_created_at, '-infinity'),
        clerk_sync.membership_content(to_jsonb(excluded.*)) collate "C"
      ) > (
        coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
        clerk_sync.membership_content(to_jsonb(c.*))
      )
      or excluded.deleted_at < coalesce(c.deleted_at, 'infinity')
      -- Its user may become known late: Clerk may leave the user out.
      or c.user_clerk_id is null and excluded.user_clerk_id is not null
      or c.organization_clerk_id is null and excluded.organization_clerk_id is not null
    returning c.clerk_id, c.synced_at = now() as created
  )
  select array_agg(w.clerk_id) filter (where w.created), array_agg(w.clerk_id) filter (where not w.created)
  into v_written
  from written as w;
  return v_written;
end
$function$
;
grant execute on function clerk_sync.write_organization_memberships(jsonb,boolean) to service_role;
comment on function clerk_sync.write_organization_memberships(jsonb,boolean) is 'Merges facts about memberships into their rows, as write_users() does. A deletion may bring the last state with it.';

CREATE OR REPLACE FUNCTION clerk_sync.write_organizations(p_facts jsonb, p_look boolean)
 RETURNS clerk_sync.written
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_written clerk_sync.written;
begin
  with written as (
    insert into public.organizations as c (
      clerk_id, name, slug, image_url, created_by, public_metadata, clerk_created_at, clerk_updated_at, deleted_at,
      is_active, synced_at
    )
    select
      f.clerk_id, f.name, f.slug, f.image_url, f.created_by, coalesce(f.public_metadata, '{}'), f.clerk_created_at,
      case f.kind when 'organization' then f.clerk_updated_at end,
      case f.kind when 'organization_deleted' then f.deleted_at end, f.kind = 'organization', now()
    from jsonb_populate_recordset(null::clerk_sync.organization_fact, p_facts) as f
    where f.clerk_id is not null and case f.kind when 'organization' then f.clerk_updated_at when 'organization_deleted' then f.deleted_at end is not null
      -- Skips what the row knows, as in known_organizations().
      and not (p_look and exists (
        select from public.organizations as c
        where c.clerk_id = f.clerk_id and (
          case f.kind
            when 'organization_deleted' then c.deleted_at <= f.deleted_at
            else (
              f.clerk_updated_at, coalesce(f.clerk_created_at, '-infinity'),
              clerk_sync.organization_content(to_jsonb(f.*)) collate "C"
            ) <= (
              coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
              clerk_sync.organization_content(to_jsonb(c.*))
            )
          end
        )
      ))
    -- Every writer locks rows in this order, so no two ever wait for each other.
    order by f.clerk_id collate "C"
    on conflict (clerk_id) do update set
      -- A deletion says nothing about the state.
      name = case when excluded.clerk_updated_at is null then c.name else excluded.name end,
      slug = case when excluded.clerk_updated_at is null then c.slug else excluded.slug end,
      image_url = case when excluded.clerk_updated_at is null then c.image_url else excluded.image_url end,
      created_by = case when excluded.clerk_updated_at is null then c.created_by else excluded.created_by end,
      public_metadata = case when excluded.clerk_updated_at is null then c.public_metadata else excluded.public_metadata end,
      clerk_created_at = case when excluded.clerk_updated_at is null then c.clerk_created_at else excluded.clerk_created_at end,
      clerk_updated_at = coalesce(excluded.clerk_updated_at, c.clerk_updated_at),
      -- "least" ignores nulls.
      deleted_at = least(c.deleted_at, excluded.deleted_at),
      is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null,
      -- Not now(), the beginning of the transaction, which marks a new row.
      synced_at = clock_timestamp(),
      -- As the trigger would, but cheaper.
      updated_at = now()
    where (
        excluded.clerk_updated_at, coalesce(excluded.clerk_created_at, '-infinity'),
        clerk_sync.organization_content(to_jsonb(excluded.*)) collate "C"
      ) > (
        coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
        clerk_sync.organization_content(to_jsonb(c.*))
      )
      or excluded.deleted_at < coalesce(c.deleted_at, 'infinity')
    returning c.clerk_id, c.synced_at = now() as created
  )
  select array_agg(w.clerk_id) filter (where w.created), array_agg(w.clerk_id) filter (where not w.created)
  into v_written
  from written as w;
  return v_written;
end
$function$
;
grant execute on function clerk_sync.write_organizations(jsonb,boolean) to service_role;
comment on function clerk_sync.write_organizations(jsonb,boolean) is 'Merges facts about organizations into their rows, as write_users() does.';

CREATE OR REPLACE FUNCTION clerk_sync.write_users(p_facts jsonb, p_look boolean)
 RETURNS clerk_sync.written
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_written clerk_sync.written;
begin
  with written as (
    insert into public.users as c (
      clerk_id, email, email_verified, first_name, last_name, username, image_url, phone, external_id,
      public_metadata, banned, locked, last_sign_in_at, clerk_created_at, clerk_updated_at, deleted_at, is_active,
      synced_at
    )
    select
      f.clerk_id, f.email, coalesce(f.email_verified, false), f.first_name, f.last_name, f.username, f.image_url,
      f.phone, f.external_id, coalesce(f.public_metadata, '{}'), coalesce(f.banned, false),
      coalesce(f.locked, false), f.last_sign_in_at, f.clerk_created_at,
      case f.kind when 'user' then f.clerk_updated_at end, case f.kind when 'user_deleted' then f.deleted_at end,
      f.kind = 'user', now()
    from jsonb_populate_recordset(null::clerk_sync.user_fact, p_facts) as f
    where f.clerk_id is not null and case f.kind when 'user' then f.clerk_updated_at when 'user_deleted' then f.deleted_at end is not null
      -- Skips what the row knows, as in known_users().
      and not (p_look and exists (
        select from public.users as c
        where c.clerk_id = f.clerk_id and (
          case f.kind
            when 'user_deleted' then c.deleted_at <= f.deleted_at or f.deleted_at <= c.revived_at
            else c.erased_at is not null or (
              f.clerk_updated_at, coalesce(f.last_sign_in_at, '-infinity'), coalesce(f.clerk_created_at, '-infinity'),
              clerk_sync.user_content(to_jsonb(f.*)) collate "C"
            ) <= (
              coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.last_sign_in_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
              clerk_sync.user_content(to_jsonb(c.*))
            )
          end
        )
      ))
    -- Every writer locks rows in this order, so no two ever wait for each other.
    order by f.clerk_id collate "C"
    on conflict (clerk_id) do update set
      -- A deletion says nothing about the state.
      email = case when excluded.clerk_updated_at is null then c.email else excluded.email end,
      email_verified = case when excluded.clerk_updated_at is null then c.email_verified else excluded.email_verified end,
      first_name = case when excluded.clerk_updated_at is null then c.first_name else excluded.first_name end,
      last_name = case when excluded.clerk_updated_at is null then c.last_name else excluded.last_name end,
      username = case when excluded.clerk_updated_at is null then c.username else excluded.username end,
      image_url = case when excluded.clerk_updated_at is null then c.image_url else excluded.image_url end,
      phone = case when excluded.clerk_updated_at is null then c.phone else excluded.phone end,
      external_id = case when excluded.clerk_updated_at is null then c.external_id else excluded.external_id end,
      public_metadata = case when excluded.clerk_updated_at is null then c.public_metadata else excluded.public_metadata end,
      banned = case when excluded.clerk_updated_at is null then c.banned else excluded.banned end,
      locked = case when excluded.clerk_updated_at is null then c.locked else excluded.locked end,
      last_sign_in_at = case when excluded.clerk_updated_at is null then c.last_sign_in_at else excluded.last_sign_in_at end,
      clerk_created_at = case when excluded.clerk_updated_at is null then c.clerk_created_at else excluded.clerk_created_at end,
      clerk_updated_at = coalesce(excluded.clerk_updated_at, c.clerk_updated_at),
      -- "least" ignores nulls.
      deleted_at = least(c.deleted_at, excluded.deleted_at),
      is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null,
      -- Not now(), the beginning of the transaction, which marks a new row.
      synced_at = clock_timestamp(),
      -- As the trigger would, but cheaper.
      updated_at = now()
    where c.erased_at is null and (
        excluded.clerk_updated_at, coalesce(excluded.last_sign_in_at, '-infinity'), coalesce(excluded.clerk_created_at, '-infinity'),
        clerk_sync.user_content(to_jsonb(excluded.*)) collate "C"
      ) > (
        coalesce(c.clerk_updated_at, '-infinity'), coalesce(c.last_sign_in_at, '-infinity'), coalesce(c.clerk_created_at, '-infinity'),
        clerk_sync.user_content(to_jsonb(c.*))
      )
      or excluded.deleted_at < coalesce(c.deleted_at, 'infinity')
      -- What revive_clerk_user() has taken back no longer counts.
      and (c.revived_at is null or excluded.deleted_at > c.revived_at)
    returning c.clerk_id, c.synced_at = now() as created
  )
  select array_agg(w.clerk_id) filter (where w.created), array_agg(w.clerk_id) filter (where not w.created)
  into v_written
  from written as w;
  return v_written;
end
$function$
;
grant execute on function clerk_sync.write_users(jsonb,boolean) to service_role;
comment on function clerk_sync.write_users(jsonb,boolean) is 'Merges facts about users into their rows, all or none, with at most one fact per user. Skips facts of other kinds. With p_look it also skips what rows know already, which then waits for no lock. Raises if the database refuses one.';

CREATE OR REPLACE FUNCTION public.clerk_sync_status()
 RETURNS TABLE(newest_event_at timestamp with time zone, newest_event_lag interval, lag_p50 interval, lag_p95 interval, events_last_hour bigint, rejected bigint, rejected_since timestamp with time zone, rejected_reason text, invalid bigint, invalid_since timestamp with time zone, invalid_reason text, silence interval, usual_silence interval, silent boolean, drift bigint, drift_seen_at timestamp with time zone, runs jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
  with latest as (
    select c.received_at, c.occurred_at, c.received_at - lag(c.received_at) over (order by c.received_at) as pause
    from (
      select c.received_at, c.occurred_at from public.clerk_deliveries as c
      where c.source = 'webhook'
      order by c.received_at desc
      limit 1000
    ) as c
  ),
  newest as (
    select c.received_at, c.occurred_at from latest as c order by c.received_at desc limit 1
  ),
  pauses as (
    -- Fewer tell nothing about what is usual.
    select max(c.pause) as longest from latest as c having count(c.pause) >= 20
  ),
  hour as (
    select
      count(*) as events,
      percentile_disc(0.5) within group (order by c.received_at - c.occurred_at) as p50,
      percentile_disc(0.95) within group (order by c.received_at - c.occurred_at) as p95
    from public.clerk_deliveries as c
    where c.source = 'webhook' and c.received_at > now() - interval '1 hour'
  ),
  refused as (
    select
      c.outcome, count(*) as deliveries, min(c.received_at) as since,
      mode() within group (order by c.reason) as reason
    from public.clerk_deliveries as c
    where c.outcome in ('invalid', 'rejected')
    group by c.outcome
  ),
  run as (
    select r.* from (values ('backfill'), ('count'), ('recent'), ('full')) as k (kind)
    cross join lateral (
      select r.kind, r.repairs, r.started_at, r.saved_at, r.ended_at, r.outcome, r.reason, r.drift, r.counts
      from public.clerk_sync_runs as r
      where r.kind = k.kind
      order by r.started_at desc
      limit 1
    ) as r
  ),
  compared as (
    select r.drift, r.ended_at from public.clerk_sync_runs as r
    where r.kind in ('count', 'full') and r.outcome in ('clean', 'drift', 'repaired')
    order by r.started_at desc
    limit 1
  )
  select
    n.received_at, n.received_at - n.occurred_at, h.p50, h.p95, h.events,
    coalesce(rejected.deliveries, 0), rejected.since, rejected.reason,
    coalesce(invalid.deliveries, 0), invalid.since, invalid.reason,
    now() - n.received_at, p.longest,
    -- Three times the longest pause of the last thousand events, and at least an hour.
    coalesce(p.longest is not null and now() - n.received_at > greatest(3 * p.longest, interval '1 hour'), false),
    d.drift, d.ended_at,
    coalesce((select jsonb_object_agg(r.kind, to_jsonb(r) - 'kind') from run as r), '{}')
  from hour as h
  left join newest as n on true
  left join pauses as p on true
  left join compared as d on true
  left join refused as rejected on rejected.outcome = 'rejected'
  left join refused as invalid on invalid.outcome = 'invalid'
$function$
;
grant execute on function clerk_sync_status() to service_role;
comment on function clerk_sync_status() is 'How the synchronisation is doing, in one row.

newest_event_at, newest_event_lag: when the newest webhook came, and how long after its event. lag_p50, lag_p95, events_last_hour: the same lag over the last hour, and how many came.
rejected, rejected_since, rejected_reason: deliveries that the database has refused and that have not succeeded since, the time of the first and the most frequent reason. invalid…: the same for those that are not as Clerk describes them, or of another Clerk instance than CLERK_INSTANCE_ID names.
silence: how long no webhook has come. usual_silence: the longest pause among the last 1,000, null if there were too few to tell. silent: whether the silence is more than three times that, and more than an hour.
drift, drift_seen_at: the differences that the last count or full reconciliation has left, and when it ended; null if there was none.
runs: the latest run of each kind, {"full":{"started_at","saved_at","ended_at","outcome","reason","repairs","drift","counts"}}; ended_at is null while it is open.';

CREATE OR REPLACE FUNCTION public.compare_clerk_facts(p_facts jsonb)
 RETURNS TABLE(item integer, difference text, columns text[], ahead boolean, seen timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
  with fact as (
    select f.item, f.fact ->> 'kind' as kind, f.fact ->> 'clerk_id' as clerk_id, f.fact
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
  ),
  pair as (
    select f.item, f.kind, to_jsonb(jsonb_populate_record(null::clerk_sync.user_fact, f.fact)) as state, to_jsonb(c.*) as row
    from fact as f left join public.users as c on c.clerk_id = f.clerk_id
    where f.kind = 'user'
    union all
    select f.item, f.kind, to_jsonb(jsonb_populate_record(null::clerk_sync.organization_fact, f.fact)), to_jsonb(c.*)
    from fact as f left join public.organizations as c on c.clerk_id = f.clerk_id
    where f.kind = 'organization'
    union all
    -- A state that leaves out the user does not say that there is none.
    select f.item, f.kind, jsonb_strip_nulls(to_jsonb(jsonb_populate_record(null::clerk_sync.membership_fact, f.fact))), to_jsonb(c.*)
    from fact as f left join public.organization_memberships as c on c.clerk_id = f.clerk_id
    where f.kind = 'membership'
  ),
  compared as (
    select
      p.item, p.kind, p.state, p.row, clerk_sync.differing_columns(p.state, p.row) as columns,
      (p.state ->> 'clerk_updated_at')::timestamptz as at, (p.row ->> 'clerk_updated_at')::timestamptz as row_at
    from pair as p
  )
  select
    c.item::integer,
    case
      when c.row is null then 'missing'
      when c.row ->> 'deleted_at' is not null then 'wrongly_deleted'
      when c.kind = 'user' and (c.state ->> 'banned')::boolean and clerk_sync.is_active_user(c.row) then 'wrongly_active'
      else 'stale'
    end,
    case when c.row is not null and c.row ->> 'deleted_at' is null then c.columns end,
    coalesce(c.row_at > c.at, false),
    c.row_at
  from compared as c
  where c.row is null or c.row ->> 'deleted_at' is not null or cardinality(c.columns) > 0
  order by c.item
$function$
;
grant execute on function compare_clerk_facts(jsonb) to service_role;
comment on function compare_clerk_facts(jsonb) is 'Compares states of users, organizations and memberships, as for apply_clerk_facts(), with their rows. Changes nothing.

Returns a row for each state that its row does not show; "item" counts from 1. "difference" is
missing: there is no row; stale: columns differ, and "columns" has their names; wrongly_active: the row is of an active user, whom Clerk has banned; wrongly_deleted: the row says that the subject is deleted.
"ahead" says that the row has a later time: it may know something newer, so ask Clerk again before you call it a difference. "seen" is the row''s clerk_updated_at, for repair_clerk_facts().';

CREATE OR REPLACE FUNCTION public.find_clerk_users(p_clerk_ids text[])
 RETURNS TABLE(clerk_id text, "user" jsonb, active boolean, organizations jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_whole constant boolean := has_table_privilege('authenticated', 'public.users', 'select');
  -- Not "public.users": if that is missing, the error must say that it is a table.
  v_row record;
begin
  -- One by one: most calls are about one user, for whom a query of a set would cost PostgreSQL a fourth more.
  foreach clerk_id in array coalesce(p_clerk_ids, '{}') loop
    select * into v_row from public.users as u where u.clerk_id = find_clerk_users.clerk_id;
    continue when not found;
    "user" := to_jsonb(v_row);
    active := clerk_sync.is_active_user("user");
    if not v_whole then
      "user" := clerk_sync.visible_user("user");
    end if;
    -- Costs far less than to find out that the list is empty.
    perform from public.organization_memberships as m where m.user_clerk_id = find_clerk_users.clerk_id;
    organizations := case when found then clerk_sync.organizations_of(clerk_id) else '[]' end;
    return next;
  end loop;
end
$function$
;
grant execute on function find_clerk_users(text[]) to service_role;
comment on function find_clerk_users(text[]) is 'For each of these users their row with the columns that they may read, whether they are active, and the organizations they belong to: [{clerk_id, name, slug, role}]. name and slug are null until the organization''s own event has arrived. No row for an id that no user has.';

CREATE OR REPLACE FUNCTION public.find_undated_clerk_rows(p_resource text, p_after text DEFAULT ''::text)
 RETURNS TABLE(clerk_id text, difference text, organization_clerk_id text, user_clerk_id text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select c.clerk_id, 'extra', null::text, null::text from public.users as c
  where p_resource = 'user' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  union all
  select c.clerk_id, 'extra', null, null from public.organizations as c
  where p_resource = 'organization' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  union all
  select c.clerk_id, 'extra', c.organization_clerk_id, c.user_clerk_id from public.organization_memberships as c
  where p_resource = 'membership' and c.deleted_at is null and c.clerk_created_at is null and c.clerk_id collate "C" > p_after
  order by 1
  limit 1000
$function$
;
grant execute on function find_undated_clerk_rows(text,text) to service_role;
comment on function find_undated_clerk_rows(text,text) is 'The rows of a resource that are not marked as deleted and do not know when Clerk created their subject, as find_unlisted_clerk_rows() returns them.';

CREATE OR REPLACE FUNCTION public.find_unlisted_clerk_rows(p_resource text, p_listed text[], p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone, p_after text DEFAULT ''::text)
 RETURNS TABLE(clerk_id text, difference text, organization_clerk_id text, user_clerk_id text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with row as not materialized (
    select
      c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null as has_state, c.is_active,
      null::text as organization_clerk_id, null::text as user_clerk_id
    from public.users as c where p_resource = 'user' and c.deleted_at is null
    union all
    select c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null, c.is_active, null, null
    from public.organizations as c where p_resource = 'organization' and c.deleted_at is null
    union all
    select c.clerk_id, c.clerk_created_at, c.clerk_updated_at is not null, c.is_active, c.organization_clerk_id, c.user_clerk_id
    from public.organization_memberships as c where p_resource = 'membership' and c.deleted_at is null
  ),
  page as (
    select r.* from row as r
    where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
      and r.clerk_id <> all (p_listed) and r.clerk_id collate "C" > p_after
    order by r.clerk_id collate "C"
    limit 1000
  )
  select r.clerk_id,
    case
      when r.has_state and case p_resource
        -- Only of those that are returned: for a million rows it takes seconds.
        when 'user' then (select clerk_sync.is_active_user(to_jsonb(c.*)) from public.users as c where c.clerk_id = r.clerk_id)
        else r.is_active
      end
      then 'wrongly_active'
      else 'extra'
    end,
    r.organization_clerk_id, r.user_clerk_id
  from page as r
  order by r.clerk_id collate "C"
$function$
;
grant execute on function find_unlisted_clerk_rows(text,text[],timestamp with time zone,timestamp with time zone,text) to service_role;
comment on function find_unlisted_clerk_rows(text,text[],timestamp with time zone,timestamp with time zone,text) is 'The rows of a resource that are not marked as deleted, were created in Clerk from p_from until before p_to, and are not among p_listed, the ids that Clerk has listed there. At most 1,000, by id, after p_after. "difference" is what each would be if Clerk no longer has it, which is still to be proven: wrongly_active, or extra if the row lets nobody in or no state has ever reached it.';

CREATE OR REPLACE FUNCTION public.link_clerk_user(p_id uuid, p_new_clerk_id text, p_reason text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
declare
  v_row public.users;
  v_new public.users;
  v_tables text[];
  v_facts jsonb := '[]';
  v_rejected text;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'invalid_parameter_value', message = 'Say why: p_reason is empty';
  end if;
  if p_new_clerk_id !~ '^user_[A-Za-z0-9_]+$' then
    raise exception using errcode = 'invalid_parameter_value', message = 'p_new_clerk_id must be a Clerk id, such as user_2abc';
  end if;
  -- Keeps out all other writers: this changes the id by which they find the row.
  perform pg_advisory_xact_lock(hashtextextended('clerk facts', 0));
  select u.* into v_row from public.users as u where u.id = p_id for update;
  if v_row.id is null then
    raise exception using errcode = 'no_data_found', message = 'No user has this id';
  end if;
  -- A table that was taken over may have another key.
  if (select count(*) > 1 from public.users as u where u.id = p_id) then
    raise exception using errcode = 'cardinality_violation', message = 'Several users have this id';
  end if;
  if v_row.clerk_id = p_new_clerk_id then
    return false;
  end if;
  if v_row.deleted_at is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = 'The user is deleted', hint = 'Take the deletion back first, with revive_clerk_user()';
  end if;
  select u.* into v_new from public.users as u where u.clerk_id = p_new_clerk_id for update;
  if v_new.deleted_at is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = 'The user with the new Clerk id is deleted';
  end if;
  if v_new.id is not null then
    v_tables := clerk_sync.references_to_user(p_new_clerk_id);
    if v_new.metadata <> '{}' then
      v_tables := v_tables || 'users.metadata'::text;
    end if;
    if cardinality(v_tables) > 0 then
      raise exception using errcode = 'object_in_use',
        message = 'The new Clerk id has a row of its own, and the application has data for it in ' || array_to_string(v_tables, ', '),
        hint = 'Move that data to the row that stays, then link again';
    end if;
    delete from public.users as u where u.clerk_id = p_new_clerk_id;
  end if;
  update public.users as u set clerk_id = p_new_clerk_id, clerk_updated_at = null where u.clerk_id = v_row.clerk_id;
  -- The application has shut out the person, who is still the same one.
  update public.users as u set deactivated_at = coalesce(u.deactivated_at, v_new.deactivated_at)
  where u.clerk_id = p_new_clerk_id and v_new.deactivated_at is not null;
  if v_new.clerk_updated_at is not null then
    v_facts := v_facts || (to_jsonb(v_new) || '{"kind":"user"}');
  end if;
  -- Late events of the old id must not make a second row of the same person.
  if v_row.clerk_updated_at is not null then
    v_facts := v_facts || jsonb_build_object(
      'kind', 'user_deleted', 'clerk_id', v_row.clerk_id, 'deleted_at', clock_timestamp()
    );
  end if;
  select string_agg(a.reason, ', ') into v_rejected from public.apply_clerk_facts(v_facts) as a where a.outcome = 'rejected';
  if v_rejected is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = format('The table does not take what linking has to write (%s)', v_rejected),
      hint = 'Let the constraint or trigger take it, then link again';
  end if;
  insert into public.clerk_deliveries (delivery_id, event_type, subject, source, outcome, reason, actor)
  values (
    'link_' || gen_random_uuid(), 'user.linked', p_new_clerk_id, 'operator', 'linked',
    format('was %s: %s', v_row.clerk_id, btrim(p_reason)),
    concat_ws(' as ', session_user, nullif(current_user, session_user))
  );
  return true;
end
$function$
;
grant execute on function link_clerk_user(uuid,text,text) to service_role;
comment on function link_clerk_user(uuid,text,text) is 'Gives the row with this id another Clerk id, and records who did it, when and why in clerk_deliveries. The row keeps its id, its foreign keys and its metadata, and shows the new Clerk user''s state. If a row with the new Clerk id has come already, it is merged into this one, unless the application has data for it: then nothing changes, and the error names the tables. The old Clerk id stays as a deleted user without a history. Returns false if the row has this Clerk id already. For operators only. Link only what you know to be the same person; an equal email address alone does not prove it.';

CREATE OR REPLACE FUNCTION public.measure_clerk_rows(p_resource text, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(rows bigint, middle timestamp with time zone, undated bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
  with row as not materialized (
    select c.clerk_created_at from public.users as c where p_resource = 'user' and c.deleted_at is null
    union all
    select c.clerk_created_at from public.organizations as c where p_resource = 'organization' and c.deleted_at is null
    union all
    select c.clerk_created_at from public.organization_memberships as c where p_resource = 'membership' and c.deleted_at is null
  ),
  inside as (
    select count(*) as rows from row as r
    where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
  )
  select
    i.rows,
    (
      select r.clerk_created_at from row as r
      where r.clerk_created_at >= coalesce(p_from, '-infinity') and r.clerk_created_at < coalesce(p_to, 'infinity')
      order by r.clerk_created_at
      offset i.rows / 2
      limit 1
    ),
    (select count(*) from row as r where r.clerk_created_at is null)
  from inside as i
$function$
;
grant execute on function measure_clerk_rows(text,timestamp with time zone,timestamp with time zone) to service_role;
comment on function measure_clerk_rows(text,timestamp with time zone,timestamp with time zone) is 'Counts the rows of a resource (user, organization or membership) that are not marked as deleted and were created in Clerk from p_from until before p_to; null stands for no limit. "middle" is the creation time of the one in the middle. "undated" counts, whatever the limits, the rows that do not know when: no state has reached them.';

CREATE OR REPLACE FUNCTION public.purge_clerk_deliveries(p_older_than interval DEFAULT '30 days'::interval)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with purged as (
    delete from public.clerk_deliveries as c
    where c.delivery_id in (
      select d.delivery_id from public.clerk_deliveries as d
      where d.received_at < now() - p_older_than and d.last_received_at < now() - p_older_than
        and d.source <> 'operator'
      -- The order in which writers lock deliveries.
      order by d.delivery_id collate "C"
      for update
    )
    returning c.delivery_id
  )
  select count(*) from purged
$function$
;
grant execute on function purge_clerk_deliveries(interval) to service_role;
comment on function purge_clerk_deliveries(interval) is 'Deletes ledger entries that last came longer ago than p_older_than, except what operators did by hand. Returns how many. A delivery that comes again afterwards still changes nothing: its answer is "stale" or "duplicate", by its content.';

CREATE OR REPLACE FUNCTION public.purge_deleted_users(p_older_than interval)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with expired as (
    select u.clerk_id from public.users as u
    where u.deleted_at < now() - p_older_than and u.erased_at is null
    -- The order in which writers lock users.
    order by u.clerk_id collate "C"
    for update
  ),
  erased as (
    update public.users as u set
      email = null, email_verified = false, first_name = null, last_name = null, username = null,
      image_url = null, phone = null, external_id = null, public_metadata = '{}', metadata = '{}',
      last_sign_in_at = null, erased_at = now()
    from expired as e
    -- By clerk_id, which is also unique in a table that was taken over.
    where u.clerk_id = e.clerk_id
    returning u.clerk_id
  ),
  -- Every writer takes memberships after users.
  left_over as (
    select m.clerk_id from public.organization_memberships as m
    where m.user_clerk_id in (select e.clerk_id from expired as e)
    order by m.clerk_id collate "C"
    for update
  ),
  emptied as (
    update public.organization_memberships as m set metadata = '{}'
    from left_over as l
    where m.clerk_id = l.clerk_id and m.metadata <> '{}'
  )
  select count(*) from erased
$function$
;
grant execute on function purge_deleted_users(interval) to service_role;
comment on function purge_deleted_users(interval) is 'Erases the personal data of users who were deleted longer ago than p_older_than, including their metadata and that of their memberships. Returns how many users. The row stays as a tombstone: no late fact brings the data or the user back. The application has to erase the columns that it has added.';

CREATE OR REPLACE FUNCTION public.release_clerk_sync_run(p_id uuid, p_holder uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update public.clerk_sync_runs as r set held_until = clock_timestamp()
  where r.id = p_id and r.holder = p_holder and r.ended_at is null;
  return found;
end
$function$
;
grant execute on function release_clerk_sync_run(uuid,uuid) to service_role;
comment on function release_clerk_sync_run(uuid,uuid) is 'Lets go of an open run, so that the next process can take it over at once. Returns false if it was not this holder''s.';

CREATE OR REPLACE FUNCTION public.repair_clerk_facts(p_facts jsonb)
 RETURNS TABLE(item integer, outcome text, reason text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '4s'
AS $function$
begin
  if jsonb_path_exists(p_facts, '$[*].seen') then
    -- Keeps all other writers out, because these rows are locked before memberships are: see apply_facts().
    perform pg_advisory_xact_lock(hashtextextended('clerk facts', 0));
    -- A row that shows the right time or a later one, and yet the wrong state, would take no state that is not newer.
    -- Without its time it takes the next one. Not if it has changed since it was seen.
    update public.users as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'user' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
    update public.organizations as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'organization' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
    update public.organization_memberships as c set clerk_updated_at = null
    from jsonb_to_recordset(p_facts) as f (kind text, clerk_id text, seen timestamptz)
    where f.kind = 'membership' and c.clerk_id = f.clerk_id and c.clerk_updated_at = f.seen and c.deleted_at is null;
  end if;
  return query select a.item, a.outcome, a.reason from public.apply_clerk_facts(p_facts) as a;
end
$function$
;
grant execute on function repair_clerk_facts(jsonb) to service_role;
comment on function repair_clerk_facts(jsonb) is 'Writes states as apply_clerk_facts() does. A state with "seen", from compare_clerk_facts(), also replaces what the row shows at that time, even if that looks newer: somebody has changed the row by hand. For reconcile only, with states that Clerk has just given.';

CREATE OR REPLACE FUNCTION public.revive_clerk_user(p_clerk_id text, p_reason text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_deleted_at timestamptz;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'invalid_parameter_value', message = 'Say why: p_reason is empty';
  end if;
  -- Keeps out every writer of this user's deletion or memberships: see lock_memberships().
  perform pg_advisory_xact_lock(hashtextextended('clerk user ' || p_clerk_id, 0));
  select u.deleted_at into v_deleted_at from public.users as u where u.clerk_id = p_clerk_id for update;
  if v_deleted_at is null then
    return false;
  end if;
  update public.users as u set
    deleted_at = null,
    -- A deletion from the future, such as a forged one, must not count again when it is delivered again.
    revived_at = greatest(clock_timestamp(), v_deleted_at),
    erased_at = null,
    -- Nothing is left of an erased state to compare the next one with.
    clerk_updated_at = case when u.erased_at is null then u.clerk_updated_at end,
    is_active = u.deactivated_at is null
  where u.clerk_id = p_clerk_id;
  -- Memberships that ended with the user become active only with their next state: they may have ended by themselves
  -- since.
  with ended as (
    select m.clerk_id from public.organization_memberships as m
    where m.user_clerk_id = p_clerk_id and m.deleted_at = v_deleted_at
    order by m.clerk_id collate "C"
    for update
  )
  update public.organization_memberships as m set deleted_at = null, clerk_updated_at = null
  from ended as e
  where m.clerk_id = e.clerk_id;
  insert into public.clerk_deliveries (delivery_id, event_type, subject, source, outcome, reason, actor)
  values (
    'revive_' || gen_random_uuid(), 'user.revived', p_clerk_id, 'operator', 'revived', btrim(p_reason),
    concat_ws(' as ', session_user, nullif(current_user, session_user))
  );
  return true;
end
$function$
;
grant execute on function revive_clerk_user(text,text) to service_role;
comment on function revive_clerk_user(text,text) is 'Takes back a deletion that was recorded by mistake, and records who did it, when and why in clerk_deliveries. Returns whether there was one. The user is active again, unless the application has deactivated them. Older facts, deletions included, do not undo this; a later deletion does. Memberships that had ended with the user become active with their next state. For operators only. Do not use it if Clerk no longer knows the user.';

CREATE OR REPLACE FUNCTION public.save_clerk_sync_run(p_id uuid, p_holder uuid, p_state jsonb, p_counts jsonb, p_drift bigint DEFAULT 0, p_outcome text DEFAULT NULL::text, p_reason text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update public.clerk_sync_runs as r set
    state = case when p_outcome is null then p_state else '{}' end,
    counts = p_counts,
    drift = p_drift,
    saved_at = clock_timestamp(),
    held_until = clock_timestamp() + interval '15 seconds',
    ended_at = case when p_outcome is not null then clock_timestamp() end,
    outcome = p_outcome,
    reason = p_reason
  where r.id = p_id and r.holder = p_holder and r.ended_at is null;
  return found;
end
$function$
;
grant execute on function save_clerk_sync_run(uuid,uuid,jsonb,jsonb,bigint,text,text) to service_role;
comment on function save_clerk_sync_run(uuid,uuid,jsonb,jsonb,bigint,text,text) is 'Saves where a run stands, and holds it for another 15 seconds. With p_outcome the run ends. Returns false if the run is no longer this holder''s: then nothing was saved.';

CREATE TRIGGER organization_memberships_inherit_deactivation_on_insert BEFORE INSERT ON public.organization_memberships FOR EACH ROW EXECUTE FUNCTION clerk_sync.inherit_deactivation();

CREATE TRIGGER organization_memberships_inherit_deactivation_on_update BEFORE UPDATE ON public.organization_memberships FOR EACH ROW WHEN ((old.user_clerk_id IS DISTINCT FROM new.user_clerk_id)) EXECUTE FUNCTION clerk_sync.inherit_deactivation();

CREATE TRIGGER organization_memberships_share_deactivation AFTER UPDATE ON public.organization_memberships FOR EACH ROW WHEN (((old.deactivated_at IS DISTINCT FROM new.deactivated_at) OR ((new.deactivated_at IS NOT NULL) AND (old.user_clerk_id IS DISTINCT FROM new.user_clerk_id)))) EXECUTE FUNCTION clerk_sync.share_deactivation();

CREATE TRIGGER organization_memberships_stamp_deactivated_at_on_insert BEFORE INSERT ON public.organization_memberships FOR EACH ROW WHEN (((NOT new.is_active) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER organization_memberships_stamp_deactivated_at_on_update BEFORE UPDATE ON public.organization_memberships FOR EACH ROW WHEN (((old.is_active IS DISTINCT FROM new.is_active) OR (old.deactivated_at IS DISTINCT FROM new.deactivated_at))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER organization_memberships_stamp_updated_at BEFORE UPDATE ON public.organization_memberships FOR EACH ROW WHEN ((NOT (old.updated_at IS DISTINCT FROM new.updated_at))) EXECUTE FUNCTION clerk_sync.stamp_updated_at();

CREATE TRIGGER organizations_stamp_deactivated_at_on_insert BEFORE INSERT ON public.organizations FOR EACH ROW WHEN (((NOT new.is_active) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER organizations_stamp_deactivated_at_on_update BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN (((old.is_active IS DISTINCT FROM new.is_active) OR (old.deactivated_at IS DISTINCT FROM new.deactivated_at))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER organizations_stamp_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW WHEN ((NOT (old.updated_at IS DISTINCT FROM new.updated_at))) EXECUTE FUNCTION clerk_sync.stamp_updated_at();

CREATE TRIGGER users_limit_lock_wait BEFORE UPDATE ON public.users FOR EACH STATEMENT WHEN ((CURRENT_USER = 'authenticated'::name)) EXECUTE FUNCTION clerk_sync.limit_lock_wait();

CREATE TRIGGER users_stamp_deactivated_at_on_insert BEFORE INSERT ON public.users FOR EACH ROW WHEN (((NOT new.is_active) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER users_stamp_deactivated_at_on_update BEFORE UPDATE ON public.users FOR EACH ROW WHEN (((old.is_active IS DISTINCT FROM new.is_active) OR (old.deactivated_at IS DISTINCT FROM new.deactivated_at))) EXECUTE FUNCTION clerk_sync.stamp_deactivated_at();

CREATE TRIGGER users_stamp_updated_at BEFORE UPDATE ON public.users FOR EACH ROW WHEN ((NOT (old.updated_at IS DISTINCT FROM new.updated_at))) EXECUTE FUNCTION clerk_sync.stamp_updated_at();

create policy "The service role keeps the ledger" on public.clerk_deliveries as permissive for all to service_role
  using (true)
  with check (true);

create policy "The service role keeps the runs" on public.clerk_sync_runs as permissive for all to service_role
  using (true)
  with check (true);

create policy "Members read who belongs to their organizations" on public.organization_memberships as permissive for select to authenticated
  using (((organization_clerk_id = ANY (( SELECT clerk_auth.organization_ids() AS organization_ids)::text[])) AND is_active));

create policy "Only active users see rows" on public.organization_memberships as restrictive for all to authenticated
  using ((( SELECT clerk_auth.user_id() AS user_id) IS NOT NULL));

create policy "Members read their organizations" on public.organizations as permissive for select to authenticated
  using (((clerk_id = ANY (( SELECT clerk_auth.organization_ids() AS organization_ids)::text[])) AND is_active));

create policy "Only active users see rows" on public.organizations as restrictive for all to authenticated
  using ((( SELECT clerk_auth.user_id() AS user_id) IS NOT NULL));

create policy "Only active users see rows" on public.users as restrictive for all to authenticated
  using ((( SELECT clerk_auth.user_id() AS user_id) IS NOT NULL));

create policy "Users read their own active row" on public.users as permissive for select to authenticated
  using (((clerk_id = ( SELECT clerk_auth.user_id() AS user_id)) AND is_active AND (NOT banned)));

create policy "Users update their own active row" on public.users as permissive for update to authenticated
  using (((clerk_id = ( SELECT clerk_auth.user_id() AS user_id)) AND is_active AND (NOT banned)))
  with check (((clerk_id = ( SELECT clerk_auth.user_id() AS user_id)) AND is_active AND (NOT banned)));
