-- Turns facts about users into rows. A state counts if it is newer than the row's, a deletion if it is earlier.
--
-- Also tells which facts a row knows already: unchanged or stale (known_users).
--
-- Apart from the preflight, the table and the shortcut in apply_clerk_facts(), only this file lists the columns that
-- follow Clerk.

set client_min_messages = warning;

create or replace function clerk_sync.user_content(p_state jsonb) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_array(
    p_state -> 'email', coalesce(nullif(p_state -> 'email_verified', 'null'), 'false'), p_state -> 'first_name',
    p_state -> 'last_name', p_state -> 'username', p_state -> 'image_url', p_state -> 'phone',
    p_state -> 'external_id', coalesce(nullif(p_state -> 'public_metadata', 'null'), '{}'),
    coalesce(nullif(p_state -> 'banned', 'null'), 'false'), coalesce(nullif(p_state -> 'locked', 'null'), 'false')
  );
end
$$;
comment on function clerk_sync.user_content(jsonb) is 'Decides between two states with equal times. Any total order would do, if it is the same everywhere.';

drop type if exists clerk_sync.user_fact;
create type clerk_sync.user_fact as (
  kind text, clerk_id text, email text, email_verified boolean, first_name text, last_name text, username text,
  image_url text, phone text, external_id text, public_metadata jsonb, banned boolean, locked boolean,
  last_sign_in_at timestamptz, clerk_created_at timestamptz, clerk_updated_at timestamptz,
  deleted_at timestamptz
);
comment on type clerk_sync.user_fact is 'A fact about a user, of kind user or user_deleted.';

create or replace function clerk_sync.known_users(p_facts jsonb) returns text[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.known_users(jsonb) is 'Says for each fact whether its row knows it: unchanged if the row shows it, stale if the row shows something newer, else null. Rows only gain facts: what a row knows now, it will always know.';

create or replace function clerk_sync.write_users(p_facts jsonb, p_look boolean) returns clerk_sync.written
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
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
$$;
comment on function clerk_sync.write_users(jsonb, boolean) is 'Merges facts about users into their rows, all or none, with at most one fact per user. Skips facts of other kinds. With p_look it also skips what rows know already, which then waits for no lock. Raises if the database refuses one.';

reset client_min_messages;
