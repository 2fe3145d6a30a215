-- The one way in which Clerk's facts become rows.
--
-- A fact is a state of a user, an organization or a membership (as an event or the Backend API gives it), or
-- its deletion. A row is the merge of all facts about its subject, and merging is commutative, associative and
-- idempotent: whatever the order, however often, from however many writers at once, the same facts leave the
-- same row.

set client_min_messages = warning;

do $$
begin
  create type clerk_sync.rank as (
    clerk_updated_at timestamptz,
    last_sign_in_at timestamptz,
    -- "C" compares bytes: the same order in every database, whatever its locale.
    content text collate "C"
  );
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.rank is 'Where a state stands in the total order of all states of its subject.';

do $$
begin
  create type clerk_sync.applied_fact as (item integer, outcome text, reason text, "row" jsonb);
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.applied_fact is 'What became of an item of a batch.';

create or replace function clerk_sync.is_outage(p_sqlstate text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Read-only, rolled back, out of resources, a lock not had in time, shut down, an error of the system: with these
  -- the next fact would fare no better, and a repetition may.
  return p_sqlstate = any ('{25006,55P03}') or left(p_sqlstate, 2) = any ('{40,53,57,58}')
    -- Or a table of ours is missing.
    or p_sqlstate in ('42P01', '42883') and num_nulls(
      to_regclass('public.users'), to_regclass('public.organizations'),
      to_regclass('public.organization_memberships')
    ) > 0;
end
$$;
comment on function clerk_sync.is_outage(text) is 'Whether an error is about the database as a whole, and not about the fact that met it.';

create or replace function clerk_sync.describe_refusal(
  p_sqlstate text, p_table text, p_column text, p_constraint text, p_context text
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The innermost function, which is a trigger's where a trigger refused.
  v_function constant text := substring(p_context from 'function ([^\s(]+)\(');
begin
  return concat_ws(
    ' ', p_sqlstate,
    nullif(concat_ws('.', nullif(p_table, ''), nullif(p_column, '')), ''),
    nullif(p_constraint, ''),
    case when v_function not like 'clerk_sync.%' then 'in ' || v_function end
  );
end
$$;
comment on function clerk_sync.describe_refusal(text, text, text, text, text) is 'What refused a fact: SQLSTATE and the names of table, column, constraint and function, as far as the error has them. Never its message, which may quote values.';

-- Users, organizations and memberships are merged in the same way: what follows is made once for each of them,
-- with their columns in place of the %names%.
do $$
declare
  v_resource record;
  v_identity text[];
  v_state text[];
  v_columns text[];
  v_made text;
  v_template constant text := $template$

create or replace function clerk_sync.rank_%resource%(p_row public.%table%) returns clerk_sync.rank
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
begin
  return row(
    -- A row that knows only of a deletion stands below every state.
    coalesce(p_row.clerk_updated_at, '-infinity'),
    coalesce(%last_sign_in_at%, '-infinity'),
    jsonb_build_array(%p_row.content%, extract(epoch from p_row.clerk_created_at))::text
  )::clerk_sync.rank;
end
$function$;
comment on function clerk_sync.rank_%resource%(public.%table%) is 'The total order of states: by Clerk''s updated_at, then by last sign-in where there is one, then by content. Equal ranks are equal states.';

create or replace function clerk_sync.merge_%table%(p_current public.%table%, p_incoming public.%table%) returns public.%table%
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_merged public.%table% := p_current;
begin
  if %is_open%
    -- A deletion says nothing about the state, not even about that of a row made by hand.
    and p_incoming.clerk_updated_at is not null
    and clerk_sync.rank_%resource%(p_incoming) > clerk_sync.rank_%resource%(p_current)
  then
    %take_state%
  end if;
  %keep_identity%
  -- The earliest known deletion; "least" passes over nulls.
  v_merged.deleted_at := least(p_current.deleted_at, %incoming_deletion%);
  v_merged.is_active := v_merged.deleted_at is null and p_current.deactivated_at is null%is_known%;
  return v_merged;
end
$function$;
comment on function clerk_sync.merge_%table%(public.%table%, public.%table%) is 'The current row with an incoming fact merged in: the newer state, the earliest deletion. Every other column stays the current row''s; an erased row takes in no state.';

create or replace function clerk_sync.read_%resource%_fact(p_fact jsonb) returns public.%table%
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_deleted constant boolean := p_fact ->> 'kind' = '%resource%_deleted';
  v_columns text[] := '{%identity%}';
  v_row public.%table%;
begin
  if v_deleted is distinct from true and p_fact ->> 'kind' is distinct from '%resource%' then
    raise exception using errcode = 'invalid_parameter_value', message = 'Unknown kind of fact';
  end if;
  if v_deleted then
    v_columns := v_columns || '{deleted_at}';
  end if;
  -- A deletion may come with the last state.
  if p_fact ->> 'clerk_updated_at' is not null then
    v_columns := v_columns || '{%state%}';
  end if;
  select * into v_row from jsonb_populate_record(
    null::public.%table%,
    (select jsonb_object_agg(f.key, f.value) from jsonb_each(p_fact) as f where f.key = any (v_columns))
  );
  %fill_defaults%
  v_row.is_active := not v_deleted;
  -- Without its time a fact has no place in the order.
  if v_row.clerk_id is null
    or v_deleted and v_row.deleted_at is null
    or not v_deleted and v_row.clerk_updated_at is null
  then
    raise exception using errcode = 'invalid_parameter_value', message = 'A fact needs clerk_id and its time';
  end if;
  return v_row;
end
$function$;
comment on function clerk_sync.read_%resource%_fact(jsonb) is 'A fact in the form of a row, with nulls where it says nothing. Raises 22023 where it is none.';

create or replace function clerk_sync.shows_%resource%(p_row public.%table%, p_fact public.%table%) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $function$
begin
  if p_fact.deleted_at is not null then
    return p_row.deleted_at is not null;
  end if;
  return clerk_sync.rank_%resource%(p_row) = clerk_sync.rank_%resource%(p_fact);
end
$function$;
comment on function clerk_sync.shows_%resource%(public.%table%, public.%table%) is 'Whether a row is in the state that a fact gives, or deleted where the fact is a deletion.';

create or replace function clerk_sync.write_%resource%_facts(p_facts jsonb)
returns table (item integer, outcome text, "row" public.%table%)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- A plan outlives the sizes that it was made for: rows are found by the index always, and the batch is joined
-- with what was written without comparing each with each.
set enable_seqscan = off
set enable_nestloop = off
as $function$
declare
  v_fact record;
begin
  for v_fact in
    with fact as materialized (
      select f.item::integer as item, clerk_sync.read_%resource%_fact(f.fact) as incoming
      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
      where split_part(f.fact ->> 'kind', '_', 1) = '%resource%'
    ),
    -- One statement may touch a row only once.
    merged as materialized (
      select
        -- A membership's newest state may leave its user out, whom another fact names.
        case
          when m.%last_identity% is null then clerk_sync.merge_%table%(m, d.named_first)
          else m
        end as incoming
      from (
        select distinct on ((f.incoming).clerk_id)
          f.incoming as newest,
          first_value(f.incoming) over (
            partition by (f.incoming).clerk_id order by %deletion_order%
          ) as deleted_first,
          first_value(f.incoming) over (
            partition by (f.incoming).clerk_id order by (f.incoming).%last_identity%
          ) as named_first
        from fact as f
        order by (f.incoming).clerk_id, clerk_sync.rank_%resource%(f.incoming) desc
      ) as d
      cross join lateral clerk_sync.merge_%table%(d.newest, d.deleted_first) as m
    ),
    -- Rows only ever gain facts: what a row holds now it will always hold, so it is passed over without a lock.
    needed as (
      select (m.incoming).*
      from merged as m
      -- "offset 0" has each row looked up by itself: the work grows with the batch, not with the table.
      left join lateral (
        select c as found from public.%table% as c where c.clerk_id = (m.incoming).clerk_id offset 0
      ) as c on true
      where (c.found).clerk_id is null or clerk_sync.merge_%table%(c.found, m.incoming) *<> c.found
    ),
    written as (
      insert into public.%table% as c (%columns%, deleted_at, is_active, synced_at)
      select %n.columns%, n.deleted_at, n.is_active, now()
      from needed as n
      -- Every writer locks rows in this order, so no two ever wait for each other.
      order by n.clerk_id collate "C"
      on conflict (clerk_id) do update set
        (%columns%, deleted_at, is_active, synced_at) = (
          select %m.columns%, m.deleted_at, m.is_active, now()
          from clerk_sync.merge_%table%(c, excluded) as m
        )
      -- Asked again, now of the locked row: another writer may have been first.
      where clerk_sync.merge_%table%(c, excluded) *<> c
      -- A row that this statement inserted has never been locked or updated: xmax is 0.
      returning c as after, c.xmax = 0 as created
    )
    select
      f.item,
      f.incoming,
      -- A row "is not null" only where every column of it is.
      not (c.found is null) and clerk_sync.merge_%table%(c.found, f.incoming) *= c.found as known_before,
      w.created,
      w.after
    from fact as f
    -- This sees the table as it was when the statement began.
    left join lateral (
      select c as found from public.%table% as c where c.clerk_id = (f.incoming).clerk_id offset 0
    ) as c on true
    left join written as w on (w.after).clerk_id = (f.incoming).clerk_id
  loop
    item := v_fact.item;
    "row" := v_fact.after;
    if v_fact.created is null then
      -- A new statement sees what a faster writer has committed since.
      select c.* into "row" from public.%table% as c where c.clerk_id = (v_fact.incoming).clerk_id;
    end if;
    outcome := case
      when not clerk_sync.shows_%resource%("row", v_fact.incoming) then 'stale'
      when v_fact.created is null or v_fact.known_before then 'unchanged'
      when v_fact.created then 'created'
      else 'updated'
    end;
    return next;
  end loop;
end
$function$;
comment on function clerk_sync.write_%resource%_facts(jsonb) is 'Merges the facts of this kind in a batch into their rows, all or none. Raises where one of them cannot be applied.';

create or replace function clerk_sync.apply_%resource%_facts(p_facts jsonb, p_return_rows boolean)
returns clerk_sync.applied_fact[]
language sql volatile
set search_path = pg_catalog, pg_temp
as $function$
  select array_agg(
    (w.item, w.outcome, null, case when p_return_rows then to_jsonb(w."row") end)::clerk_sync.applied_fact
  )
  from clerk_sync.write_%resource%_facts(p_facts) as w
$function$;
comment on function clerk_sync.apply_%resource%_facts(jsonb, boolean) is 'Merges the facts of this kind in a batch into their rows, and says what became of each.';

$template$;
begin
  for v_resource in
    select *
    from (
      values
        (
          'user', 'users', '{}'::text[],
          array[
            'email', 'email_verified', 'first_name', 'last_name', 'username', 'image_url', 'phone',
            'external_id', 'public_metadata', 'banned', 'locked'
          ],
          array['last_sign_in_at'],
          '{"email_verified": "false", "public_metadata": "{}", "banned": "false", "locked": "false"}'::jsonb,
          'p_current.erased_at is null',
          -- What revive_clerk_user() has taken back counts no more.
          'case when p_current.revived_at is null or p_incoming.deleted_at > p_current.revived_at then p_incoming.deleted_at end',
          'case when (f.incoming).deleted_at is not null then exists (select from public.users as u where u.clerk_id = (f.incoming).clerk_id and u.revived_at >= (f.incoming).deleted_at) end, (f.incoming).deleted_at',
          ''
        ),
        (
          'organization', 'organizations', '{}',
          array['name', 'slug', 'image_url', 'created_by', 'public_metadata'],
          '{}',
          '{"public_metadata": "{}"}',
          'true',
          'p_incoming.deleted_at',
          '(f.incoming).deleted_at',
          ''
        ),
        (
          'membership', 'organization_memberships',
          array['organization_clerk_id', 'user_clerk_id'],
          array['role', 'permissions'],
          '{}',
          '{"permissions": "{}"}',
          'true',
          'p_incoming.deleted_at',
          '(f.incoming).deleted_at',
          -- One that ended with a user who was revived has its state still to come.
          ' and v_merged.clerk_updated_at is not null'
        )
    ) as r (
      resource, "table",
      -- Columns that are alike in every fact that has them; that change; the last sign-in, where there is one.
      identity, content, signed_in,
      -- What a column is where no fact says it; whether a row still takes in states; the deletion that counts; the
      -- order in which a batch's deletions count; what else it takes to be active.
      defaults, is_open, incoming_deletion, deletion_order, is_known
    )
  loop
    v_identity := array['clerk_id'] || v_resource.identity;
    v_state := v_resource.content || v_resource.signed_in || array['clerk_created_at', 'clerk_updated_at'];
    v_columns := v_identity || v_state;
    v_made := v_template;
    v_made := replace(v_made, '%resource%', v_resource.resource);
    v_made := replace(v_made, '%table%', v_resource."table");
    v_made := replace(v_made, '%is_open%', v_resource.is_open);
    v_made := replace(v_made, '%incoming_deletion%', v_resource.incoming_deletion);
    v_made := replace(v_made, '%deletion_order%', v_resource.deletion_order);
    v_made := replace(v_made, '%is_known%', v_resource.is_known);
    v_made := replace(v_made, '%last_sign_in_at%', coalesce('p_row.' || v_resource.signed_in[1], 'null'));
    v_made := replace(v_made, '%p_row.content%', 'p_row.' || array_to_string(v_resource.content, ', p_row.'));
    v_made := replace(v_made, '%last_identity%', v_identity[cardinality(v_identity)]);
    v_made := replace(v_made, '%identity%', array_to_string(v_identity, ', '));
    v_made := replace(v_made, '%state%', array_to_string(v_state, ', '));
    v_made := replace(v_made, '%columns%', array_to_string(v_columns, ', '));
    v_made := replace(v_made, '%n.columns%', 'n.' || array_to_string(v_columns, ', n.'));
    v_made := replace(v_made, '%m.columns%', 'm.' || array_to_string(v_columns, ', m.'));
    v_made := replace(v_made, '%take_state%', (
      select string_agg(format('v_merged.%1$I := p_incoming.%1$I;', s), E'\n    ')
      from unnest(v_state) as s
    ));
    v_made := replace(v_made, '%keep_identity%', coalesce((
      select string_agg(
        format('v_merged.%1$I := least(p_current.%1$I collate "C", p_incoming.%1$I);', i), E'\n  '
      )
      from unnest(v_resource.identity) as i
    ), ''));
    v_made := replace(v_made, '%fill_defaults%', (
      select string_agg(format('v_row.%1$I := coalesce(v_row.%1$I, %2$L);', d.key, d.value), E'\n  ')
      from jsonb_each_text(v_resource.defaults) as d
    ));
    execute v_made;
  end loop;
end
$$;

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

create or replace function clerk_sync.may_change_memberships(p_facts jsonb) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from jsonb_array_elements(p_facts) as f
    where f ->> 'kind' in ('membership', 'membership_deleted', 'user_deleted', 'organization_deleted')
  );
end
$$;
comment on function clerk_sync.may_change_memberships(jsonb) is 'Whether a batch may have memberships written: only then do they cost anything.';

create or replace function clerk_sync.lock_memberships(p_facts jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lock record;
begin
  for v_lock in
    select
      hashtextextended(l.name, 0) as key,
      -- Of two locks on the same key the stronger one is taken, and at once.
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
    -- Every writer takes them in this order, and all of them before any row.
    order by key
  loop
    if v_lock.ends then
      perform pg_advisory_xact_lock(v_lock.key);
    else
      perform pg_advisory_xact_lock_shared(v_lock.key);
    end if;
  end loop;
end
$$;
comment on function clerk_sync.lock_memberships(jsonb) is 'Keeps the writers of a membership and the deletion of its user or organization apart until the transaction ends: at the same time, neither would see the other''s row.';

create or replace function clerk_sync.find_ended_memberships(p_facts jsonb)
returns table (clerk_id text, deleted_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
-- As in write_user_facts().
set enable_seqscan = off
as $$
  with fact as materialized (
    select f ->> 'kind' as kind, f ->> 'clerk_id' as clerk_id,
      f ->> 'user_clerk_id' as user_clerk_id, f ->> 'organization_clerk_id' as organization_clerk_id
    from jsonb_array_elements(p_facts) as f
  ),
  ended as (
    -- Of the memberships that the batch tells of, those whose user or organization is deleted.
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
    -- The memberships of the users and organizations whose deletion the batch tells.
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
$$;
comment on function clerk_sync.find_ended_memberships(jsonb) is 'The deletions of memberships that follow from a batch whose users and organizations are already written.';

create or replace function clerk_sync.end_memberships(p_facts jsonb) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
-- Each row is looked up by itself, however many there are.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with ended as materialized (
    -- A membership may end with its user and with its organization at once.
    select e.clerk_id, min(e.deleted_at) as deleted_at
    from clerk_sync.find_ended_memberships(p_facts) as e
    group by e.clerk_id
    -- The order in which every writer locks memberships.
    order by e.clerk_id collate "C"
  ),
  locked as materialized (
    select m.id, e.deleted_at
    from ended as e
    cross join lateral (
      select m.id from public.organization_memberships as m where m.clerk_id = e.clerk_id for update
    ) as m
  )
  update public.organization_memberships as m
  set deleted_at = least(m.deleted_at, l.deleted_at), is_active = false, synced_at = now()
  from locked as l
  where m.id = l.id and (m.deleted_at is null or m.deleted_at > l.deleted_at)
$$;
comment on function clerk_sync.end_memberships(jsonb) is 'Ends the memberships of the users and organizations whose deletion a batch tells. An organization may have very many: what merging would do for each is done directly.';

create or replace function clerk_sync.apply_batch(p_facts jsonb, p_return_users boolean)
returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_resources constant text[] := array(
    select distinct split_part(f ->> 'kind', '_', 1) from jsonb_array_elements(p_facts) as f
  );
  v_ended jsonb;
  v_applied clerk_sync.applied_fact[];
begin
  -- Users, then organizations, then memberships: so do all writers.
  if 'user' = any (v_resources) then
    v_applied := clerk_sync.apply_user_facts(p_facts, p_return_users);
  end if;
  if 'organization' = any (v_resources) then
    v_applied := v_applied || clerk_sync.apply_organization_facts(p_facts, false);
  end if;
  if 'membership' = any (v_resources) then
    -- What ends is merged together with what the batch tells: memberships are locked in one order.
    select jsonb_agg(
      jsonb_build_object('kind', 'membership_deleted', 'clerk_id', e.clerk_id, 'deleted_at', e.deleted_at)
    )
    into v_ended
    from clerk_sync.find_ended_memberships(p_facts) as e;
    v_applied := v_applied || clerk_sync.apply_membership_facts(p_facts || coalesce(v_ended, '[]'), false);
  elsif clerk_sync.may_change_memberships(p_facts) then
    perform clerk_sync.end_memberships(p_facts);
  end if;
  v_applied := v_applied || array(
    select (
      f.item,
      case f.fact ->> 'kind' when 'invalid' then 'invalid' else 'rejected' end,
      -- Of no known kind: invalid_parameter_value.
      case f.fact ->> 'kind' when 'invalid' then f.fact ->> 'reason' else '22023' end,
      null
    )::clerk_sync.applied_fact
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
    where coalesce(split_part(f.fact ->> 'kind', '_', 1), '') not in ('user', 'organization', 'membership')
  );
  -- What the application checks only when the transaction ends is checked here, where it can be told apart.
  set constraints all immediate;
  -- Without the memberships that ended with their user or organization: nobody has told of those.
  return array(select a from unnest(v_applied) as a where a.item <= jsonb_array_length(p_facts));
end
$$;
comment on function clerk_sync.apply_batch(jsonb, boolean) is 'Merges a batch of facts into their rows, all or none. Raises where one of them cannot be applied.';

create or replace function clerk_sync.apply_facts(p_facts jsonb, p_return_users boolean)
returns clerk_sync.applied_fact[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_applied clerk_sync.applied_fact[];
  v_alone clerk_sync.applied_fact;
  v_fact record;
  v_refusal text;
  v_table text;
  v_column text;
  v_constraint text;
  v_context text;
  -- Held together by all who write batches, and by nobody else while one goes item by item.
  v_key constant bigint := hashtextextended('clerk facts', 0);
begin
  begin
    perform pg_advisory_xact_lock_shared(v_key);
    if clerk_sync.may_change_memberships(p_facts) then
      perform clerk_sync.lock_memberships(p_facts);
    end if;
    return clerk_sync.apply_batch(p_facts, p_return_users);
  exception when others then
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
    return array[(1, 'rejected', v_refusal, null)::clerk_sync.applied_fact];
  end if;
  -- Some fact cannot be applied. It must not spoil the others, so each is applied alone. A user's end then locks
  -- memberships before the next user, which is not the order of the other writers: so there are none meanwhile.
  perform pg_advisory_xact_lock(v_key);
  for v_fact in
    select f.item::integer as item, f.fact
    from jsonb_array_elements(p_facts) with ordinality as f (fact, item)
    order by array_position('{user,organization,membership}', split_part(f.fact ->> 'kind', '_', 1)), f.item
  loop
    v_alone := (clerk_sync.apply_facts(jsonb_build_array(v_fact.fact), p_return_users))[1];
    v_alone.item := v_fact.item;
    v_applied := v_applied || v_alone;
  end loop;
  return v_applied;
end
$$;
comment on function clerk_sync.apply_facts(jsonb, boolean) is 'Merges a batch of facts into their rows; what cannot be applied is rejected alone.';

create or replace function clerk_sync.record_deliveries(p_facts jsonb, p_applied clerk_sync.applied_fact[])
returns table (item integer, delivered_before boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
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
  select d.item, r.attempts > d.turns or d.turn > 1
  from delivered as d
  join recorded as r on r.delivery_id = d.delivery_id
$$;
comment on function clerk_sync.record_deliveries(jsonb, clerk_sync.applied_fact[]) is 'Writes the ledger for those items that were deliveries; tells which of them had come before.';

create or replace function public.apply_clerk_facts(p_facts jsonb, p_return_users boolean default false)
returns table (item integer, outcome text, reason text, "user" jsonb, active boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Whoever holds a row's lock for long must not hold up everybody's connections. Callers wait 5 s.
set lock_timeout = '4s'
as $$
declare
  v_applied constant clerk_sync.applied_fact[] := clerk_sync.apply_facts(p_facts, p_return_users);
begin
  return query
    select
      a.item,
      case when d.delivered_before and a.outcome in ('unchanged', 'stale') then 'duplicate' else a.outcome end,
      a.reason,
      clerk_sync.visible_user(a."row"),
      clerk_sync.is_active_user(a."row")
    from unnest(v_applied) as a
    left join clerk_sync.record_deliveries(p_facts, v_applied) as d on d.item = a.item
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
