-- The one way in which Clerk's facts become rows.
--
-- A fact is a state of a user, an organization or a membership (as an event or the Backend API gives it), or its
-- deletion. A row is the merge of all facts about its subject, and merging is commutative, associative and idempotent:
-- the same facts leave the same row, in any order, any number of times, from any number of writers at once.
--
-- Which fact is newer, and which is stale, is decided where the columns are: known_users() and write_users() in
-- write_users.sql, and their likes for organizations and memberships.

set client_min_messages = warning;

create or replace function clerk_sync.has_place(p_fact jsonb) returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select p_fact ->> 'clerk_id' is not null and case
    when p_fact ->> 'kind' in ('user', 'organization', 'membership') then p_fact ->> 'clerk_updated_at'
    when p_fact ->> 'kind' in ('user_deleted', 'organization_deleted', 'membership_deleted') then p_fact ->> 'deleted_at'
  end is not null
$$;
comment on function clerk_sync.has_place(jsonb) is 'Whether a fact has a known kind, an id and a time: without them it has no place in the order.';

create or replace function clerk_sync.repeats(p_facts jsonb) returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from jsonb_array_elements(p_facts) as f
    where f ->> 'clerk_id' is not null
    group by f ->> 'clerk_id'
    having count(*) > 1
  );
end
$$;
comment on function clerk_sync.repeats(jsonb) is 'Whether a batch has more than one fact about the same subject.';

create or replace function clerk_sync.write_facts(p_resource text, p_facts jsonb, p_careful boolean) returns text[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.write_facts(text, jsonb, boolean) is 'Merges the facts of a batch that are about one resource: user, organization or membership. The result is as if they came one after another. Returns created, updated, unchanged or stale for each fact; null for facts of other kinds, and for those neither written nor known. With p_careful, what rows know waits for no lock. Without, it raises cardinality_violation if the batch has two facts about a subject.';

create or replace function clerk_sync.apply_batch(p_facts jsonb, p_careful boolean) returns clerk_sync.applied_facts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.apply_batch(jsonb, boolean) is 'Merges a batch of facts into their rows, all or none. p_careful is as for write_facts(). Raises if the database refuses one of them.';

create or replace function clerk_sync.apply_facts(p_facts jsonb) returns clerk_sync.applied_facts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.apply_facts(jsonb) is 'Merges a batch of facts into their rows. Rejects only those that the database refuses.';

create or replace function clerk_sync.record_delivery(p_fact jsonb, p_outcome text, p_reason text) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.record_delivery(jsonb, text, text) is 'Writes the ledger for one fact, if it was a delivery. Returns the outcome as record_deliveries() does. Costs two thirds of what a batch of one would.';

create or replace function clerk_sync.record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_facts)
returns text[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.record_deliveries(jsonb, clerk_sync.applied_facts) is 'Writes the ledger for the facts that were deliveries. Returns the outcomes: a delivery that had come before and changed nothing is a duplicate.';

create or replace function clerk_sync.visible_user(p_row jsonb) returns jsonb
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.visible_user(jsonb) is 'The columns of a row of users that a signed-in user may read.';

create or replace function clerk_sync.is_active_user(p_row jsonb) returns boolean
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
begin
  return ((p_row ->> 'is_active')::boolean and not (p_row ->> 'banned')::boolean) is true;
end
$$;
comment on function clerk_sync.is_active_user(jsonb) is 'Whether the user of a row is active: not deleted, not deactivated and not banned.';

create or replace function public.apply_clerk_facts(p_facts jsonb, p_return_users boolean default false)
returns table (item integer, outcome text, reason text, "user" jsonb, active boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
-- One row's lock, if held for long, must not hold up everybody's connections. Callers wait 5 s.
set lock_timeout = '4s'
-- A kept plan outlives the table size that it was made for. Without this, one made for a small table would read a
-- large one from end to end (apply_clerk_facts_test.ts, "reads no more rows").
set enable_seqscan = off
-- The plan is the same for every batch. Making it anew would cost half a millisecond a call.
set plan_cache_mode = force_generic_plan
as $$
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
$$;
comment on function public.apply_clerk_facts(jsonb, boolean) is
'Writes a batch of facts about Clerk''s users, organizations and memberships, in one transaction.

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

revoke all on all functions in schema clerk_sync from public;
grant execute on all functions in schema clerk_sync to service_role;
revoke all on function public.apply_clerk_facts(jsonb, boolean) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_facts(jsonb, boolean) to service_role;

reset client_min_messages;

-- Lets PostgREST know the function at once.
notify pgrst, 'reload schema';
