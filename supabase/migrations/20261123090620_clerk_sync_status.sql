-- How the synchronisation is doing, for monitors and for people.

set client_min_messages = warning;

-- For what was refused, among everything that was not.
create index if not exists clerk_deliveries_refused on public.clerk_deliveries (received_at) where outcome in ('invalid', 'rejected');

create or replace function public.clerk_sync_status()
returns table (
  newest_event_at timestamptz, newest_event_lag interval, lag_p50 interval, lag_p95 interval, events_last_hour bigint,
  rejected bigint, rejected_since timestamptz, rejected_reason text,
  invalid bigint, invalid_since timestamptz, invalid_reason text,
  silence interval, usual_silence interval, silent boolean,
  drift bigint, drift_seen_at timestamptz, runs jsonb
)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
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
$$;
comment on function public.clerk_sync_status() is
'How the synchronisation is doing, in one row.

newest_event_at, newest_event_lag: when the newest webhook came, and how long after its event. lag_p50, lag_p95, events_last_hour: the same lag over the last hour, and how many came.
rejected, rejected_since, rejected_reason: deliveries that the database has refused and that have not succeeded since, the time of the first and the most frequent reason. invalid…: the same for those that are not as Clerk describes them, or of another Clerk instance than CLERK_INSTANCE_ID names.
silence: how long no webhook has come. usual_silence: the longest pause among the last 1,000, null if there were too few to tell. silent: whether the silence is more than three times that, and more than an hour.
drift, drift_seen_at: the differences that the last count or full reconciliation has left, and when it ended; null if there was none.
runs: the latest run of each kind, {"full":{"started_at","saved_at","ended_at","outcome","reason","repairs","drift","counts"}}; ended_at is null while it is open.';

revoke all on function public.clerk_sync_status() from public, anon, authenticated, service_role;
grant execute on function public.clerk_sync_status() to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
