-- The one way in which Clerk's facts become rows.
--
-- A fact is a state of a user, an organization or a membership (as an event or the Backend API gives it), or its
-- deletion. A row is the merge of all facts about its subject, and merging is commutative, associative and idempotent:
-- whatever the order, however often, from however many writers at once, the same facts leave the same row.

set client_min_messages = warning;

create or replace function clerk_sync.write_facts(p_resource text, p_facts jsonb) returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_turn record;
  v_applied clerk_sync.applied_fact[];
begin
  -- One statement may touch a row only once: what a batch says of somebody again waits for the next turn.
  if jsonb_array_length(p_facts) > 1 and exists (
    select from jsonb_array_elements(p_facts) as f group by f ->> 'clerk_id' having count(*) > 1
  ) then
    for v_turn in
      select
        jsonb_agg(case when t.turns > t.turn then t.fact || '{"again": true}' else t.fact end order by t.item) as facts,
        array_agg(t.item order by t.item) as items
      from (
        select
          f.fact, f.item, row_number() over (partition by f.fact ->> 'clerk_id' order by f.item) as turn,
          count(*) over (partition by f.fact ->> 'clerk_id') as turns
        from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
        -- What is not written must not have its turn before what is.
        where f.fact ->> 'kind' = p_resource and f.fact ->> 'clerk_updated_at' is not null
          or f.fact ->> 'kind' = p_resource || '_deleted' and f.fact ->> 'deleted_at' is not null
      ) as t
      group by t.turn
      order by t.turn
    loop
      v_applied := v_applied || array(
        select (v_turn.items[a.item], a.outcome, a.reason)::clerk_sync.applied_fact
        from unnest(clerk_sync.write_facts(p_resource, v_turn.facts)) as a
      );
    end loop;
    return v_applied;
  end if;
  case p_resource
    when 'user' then return clerk_sync.write_users(p_facts);
    when 'organization' then return clerk_sync.write_organizations(p_facts);
    when 'membership' then return clerk_sync.write_organization_memberships(p_facts);
  end case;
end
$$;
comment on function clerk_sync.write_facts(text, jsonb) is 'Merges the facts of a batch that are about users, about organizations or about memberships, as if they came one after another.';

create or replace function clerk_sync.apply_batch(p_facts jsonb, p_again boolean default false)
returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds constant text[] := array(select distinct f ->> 'kind' from jsonb_array_elements(p_facts) as f);
  v_length constant integer := jsonb_array_length(p_facts);
  v_ended jsonb;
  v_applied clerk_sync.applied_fact[];
  v_again integer[];
begin
  if v_kinds && '{membership,membership_deleted,user_deleted,organization_deleted}' then
    perform clerk_sync.lock_memberships(p_facts);
  end if;
  -- Users, then organizations, then memberships: so do all writers.
  if v_kinds && '{user,user_deleted}' then
    v_applied := clerk_sync.write_facts('user', p_facts);
  end if;
  if v_kinds && '{organization,organization_deleted}' then
    v_applied := v_applied || clerk_sync.write_facts('organization', p_facts);
  end if;
  if v_kinds && '{membership,membership_deleted}' then
    -- What ends is written together with what the batch tells: memberships are locked in one order.
    select jsonb_agg(
      jsonb_build_object('kind', 'membership_deleted', 'clerk_id', e.clerk_id, 'deleted_at', e.deleted_at)
    )
    into v_ended
    from clerk_sync.find_ended_memberships(p_facts) as e;
    v_applied := v_applied || clerk_sync.write_facts('membership', p_facts || coalesce(v_ended, '[]'));
    -- Nobody has told of those that ended with their user or organization.
    v_applied := array(select a from unnest(v_applied) as a where a.item <= v_length);
  elsif v_kinds && '{user_deleted,organization_deleted}' then
    perform clerk_sync.end_memberships(p_facts);
  end if;
  if coalesce(cardinality(v_applied), 0) < v_length then
    v_applied := v_applied || array(
      select (
        f.item,
        case f.fact ->> 'kind' when 'invalid' then 'invalid' else 'rejected' end,
        -- Of no known kind, or without id or time: invalid_parameter_value.
        case f.fact ->> 'kind' when 'invalid' then f.fact ->> 'reason' else '22023' end
      )::clerk_sync.applied_fact
      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
      where f.item not in (select a.item from unnest(v_applied) as a)
    );
  end if;
  -- What the application checks only when the transaction ends is checked here, where it can be told apart.
  set constraints all immediate;
  v_again := array(select a.item from unnest(v_applied) as a where a.outcome is null);
  if cardinality(v_again) = 0 then
    return v_applied;
  end if;
  -- Another writer came first with rows that our statement did not see. The next statement does, unless there are
  -- none: then a trigger of the application's has kept them out without a word.
  if p_again then
    raise exception using errcode = 'triggered_data_change_violation', message = 'A row was not written';
  end if;
  return array(select a from unnest(v_applied) as a where a.outcome is not null) || array(
    select (v_again[a.item], a.outcome, a.reason)::clerk_sync.applied_fact
    from unnest(
      clerk_sync.apply_batch((select jsonb_agg(p_facts -> (i - 1)) from unnest(v_again) as i), true)
    ) as a
  );
end
$$;
comment on function clerk_sync.apply_batch(jsonb, boolean) is 'Merges a batch of facts into their rows, all or none. Raises where the database refuses one of them.';

create or replace function clerk_sync.apply_facts(p_facts jsonb) returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Held together by all who write batches, and by nobody else while one goes fact by fact.
  v_key constant bigint := hashtextextended('clerk facts', 0);
  v_applied clerk_sync.applied_fact[];
  v_item integer;
  v_refusal text;
  v_table text;
  v_column text;
  v_constraint text;
  v_context text;
begin
  begin
    perform pg_advisory_xact_lock_shared(v_key);
    return clerk_sync.apply_batch(p_facts);
  exception when others or assert_failure then
    if clerk_sync.is_outage(sqlstate) then
      raise;
    end if;
    get stacked diagnostics
      v_table = table_name, v_column = column_name, v_constraint = constraint_name,
      v_context = pg_exception_context;
    -- Never the message: it may quote personal data.
    v_refusal := clerk_sync.describe_refusal(sqlstate, v_table, v_column, v_constraint, v_context);
  end;
  if jsonb_array_length(p_facts) = 1 then
    return array[(1, 'rejected', v_refusal)::clerk_sync.applied_fact];
  end if;
  -- Some fact is refused. It must not spoil the others, so each is applied alone. A user's end then locks memberships
  -- before the next user, which is not the order of the other writers: so there are none meanwhile.
  perform pg_advisory_xact_lock(v_key);
  for v_item in
    select f.item
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
    order by array_position('{user,organization,membership}', split_part(f.fact ->> 'kind', '_', 1)), f.item
  loop
    v_applied := v_applied || array(
      select (v_item, a.outcome, a.reason)::clerk_sync.applied_fact
      from unnest(clerk_sync.apply_facts(jsonb_build_array(p_facts -> (v_item - 1)))) as a
    );
  end loop;
  return v_applied;
end
$$;
comment on function clerk_sync.apply_facts(jsonb) is 'Merges a batch of facts into their rows; what the database refuses is rejected alone.';

create or replace function clerk_sync.record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_fact[])
returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_recorded clerk_sync.applied_fact[];
begin
  with delivered as materialized (
    select
      a.item, a.outcome, a.reason, f.clerk_id, f.delivery ->> 'id' as delivery_id, f.delivery ->> 'type' as type,
      coalesce(f.delivery ->> 'source', 'webhook') as source,
      (f.delivery ->> 'occurred_at')::timestamptz as occurred_at,
      row_number() over same as turn, count(*) over same as turns
    from unnest(p_applied) as a
    cross join lateral jsonb_to_record(p_facts -> (a.item - 1)) as f (clerk_id text, delivery jsonb)
    window same as (
      partition by f.delivery ->> 'id' order by a.item rows between unbounded preceding and unbounded following
    )
  ),
  recorded as (
    insert into public.clerk_deliveries as c (
      delivery_id, event_type, subject, source, occurred_at, attempts, outcome, reason
    )
    select d.delivery_id, d.type, d.clerk_id, d.source, d.occurred_at, d.turns, d.outcome, d.reason
    from delivered as d
    where d.turn = 1 and d.delivery_id is not null
    -- Rows first, then deliveries, each in this order: so do all writers.
    order by d.delivery_id collate "C"
    on conflict (delivery_id) do update set
      attempts = c.attempts + excluded.attempts,
      last_received_at = now(),
      -- What failed before may succeed now; what succeeded stays what it was.
      outcome = case when c.outcome in ('invalid', 'rejected') then excluded.outcome else c.outcome end,
      reason = case when c.outcome in ('invalid', 'rejected') then excluded.reason end
    returning c.delivery_id, c.attempts
  )
  select array_agg((
    d.item,
    case
      when d.outcome in ('unchanged', 'stale') and (r.attempts > d.turns or r.attempts > 0 and d.turn > 1)
        then 'duplicate'
      else d.outcome
    end,
    d.reason
  )::clerk_sync.applied_fact)
  into v_recorded
  from delivered as d
  left join recorded as r on r.delivery_id = d.delivery_id;
  return v_recorded;
end
$$;
comment on function clerk_sync.record_deliveries(jsonb, clerk_sync.applied_fact[]) is 'Writes the ledger for those facts that were deliveries. One that had come before and changed nothing is a duplicate.';

create or replace function clerk_sync.visible_user(p_row jsonb) returns jsonb
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(c.key, c.value), '{}')
  from jsonb_each(p_row) as c
  where has_column_privilege('authenticated', 'public.users', c.key, 'select')
$$;
comment on function clerk_sync.visible_user(jsonb) is 'Of a row of users the columns that a signed-in user may read.';

create or replace function clerk_sync.is_active_user(p_row jsonb) returns boolean
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select ((p_row ->> 'is_active')::boolean and not (p_row ->> 'banned')::boolean) is true
$$;
comment on function clerk_sync.is_active_user(jsonb) is 'Whether the user of a row is active: neither deleted nor deactivated nor banned.';

create or replace function public.apply_clerk_facts(p_facts jsonb, p_return_users boolean default false)
returns table (item integer, outcome text, reason text, "user" jsonb, active boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
-- Whoever holds a row's lock for long must not hold up everybody's connections. Callers wait 5 s.
set lock_timeout = '4s'
-- A kept plan outlives the size that a table had when it was made: without this, one that was made for a small table
-- reads a large one from end to end (apply_clerk_facts_test.ts, "reads no more rows").
set enable_seqscan = off
as $$
declare
  v_applied clerk_sync.applied_fact[] := clerk_sync.apply_facts(p_facts);
begin
  if jsonb_path_exists(p_facts, '$[*].delivery.id') then
    v_applied := clerk_sync.record_deliveries(p_facts, v_applied);
  end if;
  if not p_return_users then
    return query
      select a.item, a.outcome, a.reason, null::jsonb, null::boolean from unnest(v_applied) as a order by a.item;
    return;
  end if;
  -- Times in JSON have the zone of the session.
  perform set_config('timezone', 'UTC', true);
  return query
    select a.item, a.outcome, a.reason, clerk_sync.visible_user(to_jsonb(u)), clerk_sync.is_active_user(to_jsonb(u))
    from unnest(v_applied) as a
    left join public.users as u
      on u.clerk_id = p_facts -> (a.item - 1) ->> 'clerk_id' and a.outcome <> 'rejected'
    order by a.item;
end
$$;
comment on function public.apply_clerk_facts(jsonb, boolean) is
'Writes a batch of facts about Clerk''s users, organizations and memberships, in one transaction.

p_facts: an array of
{"kind":"user","clerk_id",…,"clerk_updated_at"}: a state; columns of users, times in RFC 3339;
{"kind":"user_deleted","clerk_id","deleted_at"}: a deletion; it ends the user''s memberships;
{"kind":"organization",…} and {"kind":"organization_deleted",…}: the same for organizations;
{"kind":"membership",…} and {"kind":"membership_deleted",…}: the same for organization_memberships; a deletion may have the last state with it;
{"kind":"invalid","reason"}: nothing, but a delivery that is to be recorded.
Each may have "delivery":{"id","type","source","occurred_at"} and is then recorded in clerk_deliveries.
p_return_users: whether each item comes back with its user''s row as it now is, in those columns that the user may read, and with whether the user is active.

One row an item, "item" counting from 1; "outcome" is
created: there was no row; updated: the row changed; unchanged: the row already showed this; stale: the row shows a newer state; duplicate: the delivery had come before and changed nothing; invalid: as given; rejected: it cannot be applied, "reason" is the SQLSTATE and the names that came with it.';

revoke all on all functions in schema clerk_sync from public;
grant execute on all functions in schema clerk_sync to service_role;
revoke all on function public.apply_clerk_facts(jsonb, boolean) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_facts(jsonb, boolean) to service_role;

reset client_min_messages;

-- PostgREST then knows the function at once.
notify pgrst, 'reload schema';
