-- The ledger of deliveries: which events came, when, how often, and with what outcome. It tells duplicates, and shows
-- operators whether events still arrive. No personal data: only Clerk ids and times.

set client_min_messages = warning;

create table if not exists public.clerk_deliveries (
  delivery_id text primary key,
  event_type text,
  subject text,
  source text not null default 'webhook',
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  last_received_at timestamptz not null default now(),
  attempts integer not null default 1,
  outcome text not null,
  reason text,
  actor text
);

-- For purging, and for finding the latest delivery.
create index if not exists clerk_deliveries_received_at on public.clerk_deliveries (received_at);

alter table public.clerk_deliveries
  drop constraint if exists clerk_deliveries_source_known,
  drop constraint if exists clerk_deliveries_outcome_known,
  drop constraint if exists clerk_deliveries_attempted;
alter table public.clerk_deliveries
  -- Patterns, because every write reads its table's checks anew: lists would cost 10 µs more.
  add constraint clerk_deliveries_source_known check (
    source ~ '^(webhook|users-sync|backfill|reconcile|operator)$'
  ),
  add constraint clerk_deliveries_outcome_known check (
    outcome ~ '^(created|updated|unchanged|stale|invalid|rejected|revived|linked)$'
  ),
  add constraint clerk_deliveries_attempted check (attempts > 0);

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

alter table public.clerk_deliveries enable row level security;

drop policy if exists "The service role keeps the ledger" on public.clerk_deliveries;
create policy "The service role keeps the ledger" on public.clerk_deliveries
  for all to service_role
  using (true)
  with check (true);

-- No policies for anon and authenticated: the ledger is only for operators.

revoke all on table public.clerk_deliveries from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.clerk_deliveries to service_role;

reset client_min_messages;
