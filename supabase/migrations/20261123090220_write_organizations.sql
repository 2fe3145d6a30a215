-- Turns facts about organizations into rows, in the same way as those about users.

set client_min_messages = warning;

create or replace function clerk_sync.organization_content(p_state jsonb) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_array(
    p_state -> 'name', p_state -> 'slug', p_state -> 'image_url', p_state -> 'created_by',
    coalesce(nullif(p_state -> 'public_metadata', 'null'), '{}')
  );
end
$$;
comment on function clerk_sync.organization_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

drop type if exists clerk_sync.organization_fact;
create type clerk_sync.organization_fact as (
  kind text, clerk_id text, name text, slug text, image_url text, created_by text, public_metadata jsonb,
  clerk_created_at timestamptz, clerk_updated_at timestamptz, deleted_at timestamptz
);
comment on type clerk_sync.organization_fact is 'A fact about an organization, of kind organization or organization_deleted.';

create or replace function clerk_sync.known_organizations(p_facts jsonb) returns text[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.known_organizations(jsonb) is 'Says for each fact about an organization whether its row knows it, as known_users() does.';

create or replace function clerk_sync.write_organizations(p_facts jsonb, p_look boolean) returns clerk_sync.written
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.write_organizations(jsonb, boolean) is 'Merges facts about organizations into their rows, as write_users() does.';

reset client_min_messages;
