-- Turns facts about memberships into rows, and ends memberships with their user or organization.

set client_min_messages = warning;

create or replace function clerk_sync.membership_content(p_state jsonb) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_array(
    p_state -> 'role', coalesce(nullif(p_state -> 'permissions', 'null'), '[]')
  );
end
$$;
comment on function clerk_sync.membership_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

drop type if exists clerk_sync.membership_fact;
create type clerk_sync.membership_fact as (
  kind text, clerk_id text, organization_clerk_id text, user_clerk_id text, role text, permissions text[],
  clerk_created_at timestamptz, clerk_updated_at timestamptz, deleted_at timestamptz
);
comment on type clerk_sync.membership_fact is 'A fact about a membership, of kind membership or membership_deleted.';

create or replace function clerk_sync.known_organization_memberships(p_facts jsonb) returns text[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.known_organization_memberships(jsonb) is 'Says for each fact about a membership whether its row knows it, as known_users() does.';

create or replace function clerk_sync.write_organization_memberships(p_facts jsonb, p_look boolean) returns clerk_sync.written
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.write_organization_memberships(jsonb, boolean) is 'Merges facts about memberships into their rows, as write_users() does. A deletion may bring the last state with it.';

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
$$;
comment on function clerk_sync.lock_memberships(jsonb) is 'Keeps the writers of a membership and the deletion of its user or organization apart until the transaction ends. If both ran at once, neither would see the other''s row.';

create or replace function clerk_sync.find_ended_memberships(p_facts jsonb)
returns table (clerk_id text, deleted_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.find_ended_memberships(jsonb) is 'The deletions of memberships that follow from a batch whose users and organizations are already written.';

create or replace function clerk_sync.end_memberships(p_facts jsonb) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
-- Looks up each row by itself, however many there are.
set enable_hashjoin = off
set enable_mergejoin = off
as $$
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
$$;
comment on function clerk_sync.end_memberships(jsonb) is 'Ends the memberships of the users and organizations that a batch deletes. An organization may have very many, so this is one update instead of a fact for each.';

reset client_min_messages;
