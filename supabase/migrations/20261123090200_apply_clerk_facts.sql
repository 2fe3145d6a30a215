-- The one way in which Clerk's facts become rows.
--
-- A fact is either a state of a user (as an event or the Backend API gives it) or a deletion. A row is the
-- merge of all facts about its user, and merging is commutative, associative and idempotent: whatever the
-- order, however often, from however many writers at once, the same facts leave the same row.

set client_min_messages = warning;

create schema if not exists clerk_sync;
comment on schema clerk_sync is 'How Clerk''s facts are merged. Not exposed by the API.';
revoke all on schema clerk_sync from public;
grant usage on schema clerk_sync to service_role;

do $$
begin
  create type clerk_sync.user_rank as (
    clerk_updated_at timestamptz,
    last_sign_in_at timestamptz,
    -- "C" compares bytes: the same order in every database, whatever its locale.
    content text collate "C"
  );
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.user_rank is 'Where a state of a user stands in the total order of all its states.';

create or replace function clerk_sync.rank_user(p_user public.users) returns clerk_sync.user_rank
language plpgsql stable
set search_path = ''
as $$
begin
  return row(
    -- A row that knows only of a deletion stands below every state.
    coalesce(p_user.clerk_updated_at, '-infinity'),
    coalesce(p_user.last_sign_in_at, '-infinity'),
    jsonb_build_array(
      p_user.email, p_user.email_verified, p_user.first_name, p_user.last_name, p_user.username,
      p_user.image_url, p_user.phone, p_user.external_id, p_user.public_metadata, p_user.banned,
      p_user.locked, extract(epoch from p_user.clerk_created_at)
    )::text
  )::clerk_sync.user_rank;
end
$$;
comment on function clerk_sync.rank_user(public.users) is 'The total order of states: by Clerk''s updated_at, then by last sign-in, then by content. Equal ranks are equal states.';

create or replace function clerk_sync.merge_users(p_current public.users, p_incoming public.users) returns public.users
language plpgsql stable
set search_path = ''
as $$
declare
  v_merged public.users := p_current;
begin
  if p_current.erased_at is null
    -- A deletion says nothing about the state, not even about that of a row made by hand.
    and p_incoming.clerk_updated_at is not null
    and clerk_sync.rank_user(p_incoming) > clerk_sync.rank_user(p_current)
  then
    v_merged.email := p_incoming.email;
    v_merged.email_verified := p_incoming.email_verified;
    v_merged.first_name := p_incoming.first_name;
    v_merged.last_name := p_incoming.last_name;
    v_merged.username := p_incoming.username;
    v_merged.image_url := p_incoming.image_url;
    v_merged.phone := p_incoming.phone;
    v_merged.external_id := p_incoming.external_id;
    v_merged.public_metadata := p_incoming.public_metadata;
    v_merged.banned := p_incoming.banned;
    v_merged.locked := p_incoming.locked;
    v_merged.last_sign_in_at := p_incoming.last_sign_in_at;
    v_merged.clerk_created_at := p_incoming.clerk_created_at;
    v_merged.clerk_updated_at := p_incoming.clerk_updated_at;
  end if;
  -- The earliest known deletion; "least" passes over nulls.
  v_merged.deleted_at := least(p_current.deleted_at, p_incoming.deleted_at);
  v_merged.is_active := p_current.is_active and v_merged.deleted_at is null;
  return v_merged;
end
$$;
comment on function clerk_sync.merge_users(public.users, public.users) is 'The current row with an incoming fact merged in: the newer state, unless the row is erased; the earliest deletion. Every other column stays the current row''s.';

create or replace function clerk_sync.read_user_fact(p_fact jsonb) returns public.users
language plpgsql stable
set search_path = ''
as $$
declare
  v_user public.users;
begin
  v_user.clerk_id := p_fact ->> 'clerk_id';
  v_user.public_metadata := coalesce(p_fact -> 'public_metadata', '{}');
  v_user.email_verified := coalesce((p_fact ->> 'email_verified')::boolean, false);
  v_user.banned := coalesce((p_fact ->> 'banned')::boolean, false);
  v_user.locked := coalesce((p_fact ->> 'locked')::boolean, false);
  case p_fact ->> 'kind'
    when 'user' then
      v_user.is_active := true;
      v_user.email := p_fact ->> 'email';
      v_user.first_name := p_fact ->> 'first_name';
      v_user.last_name := p_fact ->> 'last_name';
      v_user.username := p_fact ->> 'username';
      v_user.image_url := p_fact ->> 'image_url';
      v_user.phone := p_fact ->> 'phone';
      v_user.external_id := p_fact ->> 'external_id';
      v_user.last_sign_in_at := p_fact ->> 'last_sign_in_at';
      v_user.clerk_created_at := p_fact ->> 'clerk_created_at';
      v_user.clerk_updated_at := p_fact ->> 'clerk_updated_at';
    when 'user_deleted' then
      v_user.is_active := false;
      v_user.deleted_at := p_fact ->> 'deleted_at';
    else
      raise exception using errcode = 'invalid_parameter_value', message = 'Unknown kind of fact';
  end case;
  -- Without its time a fact has no place in the order.
  if v_user.clerk_id is null or coalesce(v_user.clerk_updated_at, v_user.deleted_at) is null then
    raise exception using errcode = 'invalid_parameter_value', message = 'A fact needs clerk_id and its time';
  end if;
  return v_user;
end
$$;
comment on function clerk_sync.read_user_fact(jsonb) is 'A fact in the form of a row, with nulls where it says nothing. Raises 22023 where it is none.';

create or replace function clerk_sync.apply_user_facts(p_facts jsonb)
returns table (item integer, outcome text, "user" public.users)
language plpgsql volatile
set search_path = ''
-- A plan outlives the size that the table had when it was made: rows are found by the index always.
set enable_seqscan = off
as $$
declare
  v_fact record;
begin
  for v_fact in
    with fact as materialized (
      select f.item::integer as item, clerk_sync.read_user_fact(f.fact) as incoming
      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
      where f.fact ->> 'kind' is distinct from 'invalid'
    ),
    -- One statement may touch a row only once.
    merged as materialized (
      select m as incoming
      from (
        select distinct on ((f.incoming).clerk_id)
          f.incoming as newest,
          first_value(f.incoming) over (
            partition by (f.incoming).clerk_id order by (f.incoming).deleted_at
          ) as deleted_first
        from fact as f
        order by (f.incoming).clerk_id, clerk_sync.rank_user(f.incoming) desc
      ) as d
      cross join lateral clerk_sync.merge_users(d.newest, d.deleted_first) as m
    ),
    -- Rows only ever gain facts: what a row holds now it will always hold, so it is passed over without a lock.
    needed as (
      select (m.incoming).*
      from merged as m
      -- "offset 0" has each row looked up by itself: the work grows with the batch, not with the table.
      left join lateral (
        select u as found from public.users as u where u.clerk_id = (m.incoming).clerk_id offset 0
      ) as c on true
      where (c.found).clerk_id is null or clerk_sync.merge_users(c.found, m.incoming) *<> c.found
    ),
    written as (
      insert into public.users as u (
        clerk_id, email, email_verified, first_name, last_name, username, image_url, phone, external_id,
        public_metadata, banned, locked, last_sign_in_at, clerk_created_at, clerk_updated_at, deleted_at,
        is_active, synced_at
      )
      select
        n.clerk_id, n.email, n.email_verified, n.first_name, n.last_name, n.username, n.image_url, n.phone,
        n.external_id, n.public_metadata, n.banned, n.locked, n.last_sign_in_at, n.clerk_created_at,
        n.clerk_updated_at, n.deleted_at, n.is_active, now()
      from needed as n
      -- Every writer locks rows in this order, so no two ever wait for each other.
      order by n.clerk_id collate "C"
      on conflict (clerk_id) do update set
        (
          email, email_verified, first_name, last_name, username, image_url, phone, external_id,
          public_metadata, banned, locked, last_sign_in_at, clerk_created_at, clerk_updated_at, deleted_at,
          is_active, synced_at
        ) = (
          select
            m.email, m.email_verified, m.first_name, m.last_name, m.username, m.image_url, m.phone,
            m.external_id, m.public_metadata, m.banned, m.locked, m.last_sign_in_at, m.clerk_created_at,
            m.clerk_updated_at, m.deleted_at, m.is_active, now()
          from clerk_sync.merge_users(u, excluded) as m
        )
      -- Asked again, now of the locked row: another writer may have been first.
      where clerk_sync.merge_users(u, excluded) *<> u
      -- A row that this statement inserted has never been locked or updated: xmax is 0.
      returning u as after, u.xmax = 0 as created
    )
    select
      f.item,
      f.incoming,
      -- A row "is not null" only where every column of it is.
      not (c.found is null) and clerk_sync.merge_users(c.found, f.incoming) *= c.found as known_before,
      w.created,
      w.after
    from fact as f
    -- This sees the table as it was when the statement began.
    left join lateral (
      select u as found from public.users as u where u.clerk_id = (f.incoming).clerk_id offset 0
    ) as c on true
    left join written as w on (w.after).clerk_id = (f.incoming).clerk_id
  loop
    item := v_fact.item;
    "user" := v_fact.after;
    if v_fact.created is null then
      -- A new statement sees what a faster writer has committed since.
      select u.* into "user" from public.users as u where u.clerk_id = (v_fact.incoming).clerk_id;
    end if;
    outcome := case
      when not clerk_sync.shows_fact("user", v_fact.incoming) then 'stale'
      when v_fact.created is null or v_fact.known_before then 'unchanged'
      when v_fact.created then 'created'
      else 'updated'
    end;
    return next;
  end loop;
end
$$;
comment on function clerk_sync.apply_user_facts(jsonb) is 'Merges a batch of facts about users into their rows, all or none. Raises where one of them cannot be applied.';

create or replace function clerk_sync.shows_fact(p_user public.users, p_fact public.users) returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  if p_fact.deleted_at is not null then
    return p_user.deleted_at is not null;
  end if;
  return clerk_sync.rank_user(p_user) = clerk_sync.rank_user(p_fact);
end
$$;
comment on function clerk_sync.shows_fact(public.users, public.users) is 'Whether a row is in the state that a fact gives, or deleted where the fact is a deletion.';

do $$
begin
  create type clerk_sync.applied_fact as (item integer, outcome text, reason text, "user" public.users);
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.applied_fact is 'What became of an item of a batch.';

create or replace function clerk_sync.apply_facts(p_facts jsonb) returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = ''
as $$
declare
  v_applied clerk_sync.applied_fact[];
  v_fact record;
  v_constraint text;
begin
  begin
    select array_agg((a.item, a.outcome, null, a."user")::clerk_sync.applied_fact) into v_applied
    from clerk_sync.apply_user_facts(p_facts) as a;
  exception when data_exception or integrity_constraint_violation or raise_exception then
    -- Some fact cannot be applied. It must not spoil the others, so they are applied one by one, locking
    -- rows in the order in which every writer does.
    for v_fact in
      select f.item::integer as item, f.fact
      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
      order by f.fact ->> 'clerk_id' collate "C", f.item
    loop
      begin
        select v_applied || array_agg((v_fact.item, a.outcome, null, a."user")::clerk_sync.applied_fact)
        into v_applied
        from clerk_sync.apply_user_facts(jsonb_build_array(v_fact.fact)) as a;
      exception when data_exception or integrity_constraint_violation or raise_exception then
        get stacked diagnostics v_constraint = constraint_name;
        -- Never the message: it may quote personal data.
        v_applied := v_applied || (
          v_fact.item, 'rejected', concat_ws(' ', sqlstate, nullif(v_constraint, '')), null
        )::clerk_sync.applied_fact;
      end;
    end loop;
  end;
  return v_applied || (
    select array_agg((f.item, 'invalid', f.fact ->> 'reason', null)::clerk_sync.applied_fact)
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
    where f.fact ->> 'kind' = 'invalid'
  );
end
$$;
comment on function clerk_sync.apply_facts(jsonb) is 'Merges a batch of facts into their rows; what cannot be applied is rejected alone.';

create or replace function clerk_sync.record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_fact[])
returns table (item integer, delivered_before boolean)
language sql volatile
set search_path = ''
as $$
  with delivered as (
    select
      a.item, a.outcome, a.reason,
      f.fact #>> '{delivery,id}' as delivery_id,
      f.fact #>> '{delivery,type}' as event_type,
      coalesce(f.fact #>> '{delivery,source}', 'webhook') as source,
      (f.fact #>> '{delivery,occurred_at}')::timestamptz as occurred_at,
      f.fact ->> 'clerk_id' as subject,
      row_number() over (partition by f.fact #>> '{delivery,id}' order by a.item) as turn,
      count(*) over (partition by f.fact #>> '{delivery,id}') as turns
    from unnest(p_applied) as a
    join jsonb_array_elements(p_facts) with ordinality as f (fact, item) on f.item = a.item
    where f.fact #>> '{delivery,id}' is not null
  ),
  recorded as (
    insert into public.clerk_deliveries as c (
      delivery_id, event_type, subject, source, occurred_at, attempts, outcome, reason
    )
    select
      d.delivery_id, d.event_type, d.subject, d.source, d.occurred_at, d.turns, d.outcome, d.reason
    from delivered as d
    where d.turn = 1
    -- Users first, then deliveries, each in this order: so do all writers.
    order by d.delivery_id collate "C"
    on conflict (delivery_id) do update set
      attempts = c.attempts + excluded.attempts,
      last_received_at = now(),
      -- What failed before may succeed now; what succeeded stays what it was.
      outcome = case when c.outcome in ('invalid', 'rejected') then excluded.outcome else c.outcome end,
      reason = case when c.outcome in ('invalid', 'rejected') then excluded.reason end
    returning c.delivery_id, c.attempts
  )
  select d.item, r.attempts > d.turns or d.turn > 1
  from delivered as d
  join recorded as r on r.delivery_id = d.delivery_id
$$;
comment on function clerk_sync.record_deliveries(jsonb, clerk_sync.applied_fact[]) is 'Writes the ledger for those items that were deliveries; tells which of them had come before.';

create or replace function public.apply_clerk_facts(p_facts jsonb, p_return_users boolean default false)
returns table (item integer, outcome text, reason text, "user" jsonb)
language plpgsql volatile security invoker
set search_path = ''
set timezone = 'UTC'
-- Whoever holds a row's lock for long must not hold up everybody's connections. Callers wait 5 s.
set lock_timeout = '4s'
as $$
declare
  v_applied clerk_sync.applied_fact[] := clerk_sync.apply_facts(p_facts);
begin
  return query
    select
      a.item,
      case when d.delivered_before and a.outcome in ('unchanged', 'stale') then 'duplicate' else a.outcome end,
      a.reason,
      case when p_return_users then to_jsonb(a."user") end
    from unnest(v_applied) as a
    left join clerk_sync.record_deliveries(p_facts, v_applied) as d on d.item = a.item
    order by a.item;
end
$$;
comment on function public.apply_clerk_facts(jsonb, boolean) is
'Writes a batch of facts about Clerk''s users, in one transaction.

p_facts: an array of
{"kind":"user","clerk_id",…,"clerk_updated_at"}: a state; columns of users, times in RFC 3339;
{"kind":"user_deleted","clerk_id","deleted_at"}: a deletion;
{"kind":"invalid","reason"}: nothing, but a delivery that is to be recorded.
Each may have "delivery":{"id","type","source","occurred_at"} and is then recorded in clerk_deliveries.
p_return_users: whether each item comes back with its user''s row as it now is.

One row an item, "item" counting from 1; "outcome" is
created: the user had no row; updated: the row changed; unchanged: the row already showed this; stale: the row shows a newer state; duplicate: the delivery had come before and changed nothing; invalid: as given; rejected: it cannot be applied, "reason" is the SQLSTATE and the constraint.';

revoke all on all functions in schema clerk_sync from public;
grant execute on all functions in schema clerk_sync to service_role;
revoke all on function public.apply_clerk_facts(jsonb, boolean) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_facts(jsonb, boolean) to service_role;

reset client_min_messages;

-- PostgREST then knows the function at once.
notify pgrst, 'reload schema';
