-- The runs of backfill and reconcile: where each one stands, and the history of all.
--
-- A run that was interrupted stays open. The next one of its kind takes it over and goes on where it stopped.

set client_min_messages = warning;

create table if not exists public.clerk_sync_runs (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  repairs boolean not null,
  state jsonb not null default '{}',
  counts jsonb not null default '{}',
  drift bigint not null default 0,
  holder uuid not null,
  held_until timestamptz not null,
  started_at timestamptz not null default now(),
  saved_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text,
  reason text
);

alter table public.clerk_sync_runs
  drop constraint if exists clerk_sync_runs_kind_known,
  drop constraint if exists clerk_sync_runs_outcome_known,
  drop constraint if exists clerk_sync_runs_ended_with_outcome,
  drop constraint if exists clerk_sync_runs_drift_counted;
alter table public.clerk_sync_runs
  add constraint clerk_sync_runs_kind_known check (kind in ('backfill', 'count', 'recent', 'full')),
  add constraint clerk_sync_runs_outcome_known check (
    outcome in ('complete', 'clean', 'drift', 'repaired', 'failed', 'abandoned')
  ),
  add constraint clerk_sync_runs_ended_with_outcome check ((ended_at is null) = (outcome is null)),
  add constraint clerk_sync_runs_drift_counted check (drift >= 0);

-- At most one run of a kind is open.
create unique index if not exists clerk_sync_runs_open on public.clerk_sync_runs (kind) where ended_at is null;
-- For the latest run of each kind.
create index if not exists clerk_sync_runs_latest on public.clerk_sync_runs (kind, started_at);

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

alter table public.clerk_sync_runs enable row level security;

drop policy if exists "The service role keeps the runs" on public.clerk_sync_runs;
create policy "The service role keeps the runs" on public.clerk_sync_runs
  for all to service_role
  using (true)
  with check (true);

-- No policies for anon and authenticated: the runs are only for operators.

revoke all on table public.clerk_sync_runs from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.clerk_sync_runs to service_role;

create or replace function public.claim_clerk_sync_run(
  p_kind text, p_repairs boolean, p_holder uuid, p_anew boolean default false
)
returns table (id uuid, held boolean, resumed boolean, state jsonb, counts jsonb, started_at timestamptz, since timestamptz)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
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
$$;
comment on function public.claim_clerk_sync_run(text, boolean, uuid, boolean) is 'Takes over the open run of a kind, or begins one. held is false if another process works on it: then nothing has changed. resumed says that an earlier process left it; with p_anew, or if it mends and this one does not, it is abandoned instead. since is when the last run began that has mended what can be mended: whatever changed in Clerk before then is known. Runs that ended more than 90 days ago are removed.';

create or replace function public.save_clerk_sync_run(
  p_id uuid, p_holder uuid, p_state jsonb, p_counts jsonb, p_drift bigint default 0, p_outcome text default null,
  p_reason text default null
)
returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function public.save_clerk_sync_run(uuid, uuid, jsonb, jsonb, bigint, text, text) is 'Saves where a run stands, and holds it for another 15 seconds. With p_outcome the run ends. Returns false if the run is no longer this holder''s: then nothing was saved.';

create or replace function public.release_clerk_sync_run(p_id uuid, p_holder uuid) returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.clerk_sync_runs as r set held_until = clock_timestamp()
  where r.id = p_id and r.holder = p_holder and r.ended_at is null;
  return found;
end
$$;
comment on function public.release_clerk_sync_run(uuid, uuid) is 'Lets go of an open run, so that the next process can take it over at once. Returns false if it was not this holder''s.';

revoke all on function public.claim_clerk_sync_run(text, boolean, uuid, boolean) from public, anon, authenticated, service_role;
grant execute on function public.claim_clerk_sync_run(text, boolean, uuid, boolean) to service_role;
revoke all on function public.save_clerk_sync_run(uuid, uuid, jsonb, jsonb, bigint, text, text) from public, anon, authenticated, service_role;
grant execute on function public.save_clerk_sync_run(uuid, uuid, jsonb, jsonb, bigint, text, text) to service_role;
revoke all on function public.release_clerk_sync_run(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.release_clerk_sync_run(uuid, uuid) to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
