-- Gives an existing user another Clerk id: after a move to another Clerk instance, or from another way of signing in.
-- Only operators do this, never synchronisation.

set client_min_messages = warning;

create or replace function clerk_sync.references_to_user(p_clerk_id text) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key record;
  v_found boolean;
  v_tables text[] := '{}';
begin
  for v_key in
    select k.conrelid::regclass as relation, (
      select string_agg(format('r.%I = u.%I', a.attname, b.attname), ' and ')
      from unnest(k.conkey, k.confkey) as c (own, other)
      join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = c.own
      join pg_attribute as b on b.attrelid = k.confrelid and b.attnum = c.other
    ) as condition
    from pg_constraint as k
    where k.contype = 'f' and k.confrelid = 'public.users'::regclass and k.conparentid = 0
    order by 1
  loop
    execute format(
      'select exists (select from %s as r join public.users as u on %s where u.clerk_id = $1)', v_key.relation, v_key.condition
    ) into v_found using p_clerk_id;
    if v_found then
      v_tables := v_tables || v_key.relation::text;
    end if;
  end loop;
  return v_tables;
end
$$;
comment on function clerk_sync.references_to_user(text) is 'The tables whose foreign keys refer to the user''s row.';

-- Ids are uuids, except in a table that was taken over.
create or replace function public.link_clerk_user(p_id public.users.id%type, p_new_clerk_id text, p_reason text)
returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  v_row public.users;
  v_new public.users;
  v_tables text[];
  v_facts jsonb := '[]';
  v_rejected text;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'invalid_parameter_value', message = 'Say why: p_reason is empty';
  end if;
  if p_new_clerk_id !~ '^user_[A-Za-z0-9_]+$' then
    raise exception using errcode = 'invalid_parameter_value', message = 'p_new_clerk_id must be a Clerk id, such as user_2abc';
  end if;
  -- Keeps out all other writers: this changes the id by which they find the row.
  perform pg_advisory_xact_lock(hashtextextended('clerk facts', 0));
  select u.* into v_row from public.users as u where u.id = p_id for update;
  if v_row.id is null then
    raise exception using errcode = 'no_data_found', message = 'No user has this id';
  end if;
  -- A table that was taken over may have another key.
  if (select count(*) > 1 from public.users as u where u.id = p_id) then
    raise exception using errcode = 'cardinality_violation', message = 'Several users have this id';
  end if;
  if v_row.clerk_id = p_new_clerk_id then
    return false;
  end if;
  if v_row.deleted_at is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = 'The user is deleted', hint = 'Take the deletion back first, with revive_clerk_user()';
  end if;
  select u.* into v_new from public.users as u where u.clerk_id = p_new_clerk_id for update;
  if v_new.deleted_at is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = 'The user with the new Clerk id is deleted';
  end if;
  if v_new.id is not null then
    v_tables := clerk_sync.references_to_user(p_new_clerk_id);
    if v_new.metadata <> '{}' then
      v_tables := v_tables || 'users.metadata'::text;
    end if;
    if cardinality(v_tables) > 0 then
      raise exception using errcode = 'object_in_use',
        message = 'The new Clerk id has a row of its own, and the application has data for it in ' || array_to_string(v_tables, ', '),
        hint = 'Move that data to the row that stays, then link again';
    end if;
    delete from public.users as u where u.clerk_id = p_new_clerk_id;
  end if;
  update public.users as u set clerk_id = p_new_clerk_id, clerk_updated_at = null where u.clerk_id = v_row.clerk_id;
  -- The application has shut out the person, who is still the same one.
  update public.users as u set deactivated_at = coalesce(u.deactivated_at, v_new.deactivated_at)
  where u.clerk_id = p_new_clerk_id and v_new.deactivated_at is not null;
  if v_new.clerk_updated_at is not null then
    v_facts := v_facts || (to_jsonb(v_new) || '{"kind":"user"}');
  end if;
  -- Late events of the old id must not make a second row of the same person.
  if v_row.clerk_updated_at is not null then
    v_facts := v_facts || jsonb_build_object(
      'kind', 'user_deleted', 'clerk_id', v_row.clerk_id, 'deleted_at', clock_timestamp()
    );
  end if;
  select string_agg(a.reason, ', ') into v_rejected from public.apply_clerk_facts(v_facts) as a where a.outcome = 'rejected';
  if v_rejected is not null then
    raise exception using errcode = 'object_not_in_prerequisite_state',
      message = format('The table does not take what linking has to write (%s)', v_rejected),
      hint = 'Let the constraint or trigger take it, then link again';
  end if;
  insert into public.clerk_deliveries (delivery_id, event_type, subject, source, outcome, reason, actor)
  values (
    'link_' || gen_random_uuid(), 'user.linked', p_new_clerk_id, 'operator', 'linked',
    format('was %s: %s', v_row.clerk_id, btrim(p_reason)),
    concat_ws(' as ', session_user, nullif(current_user, session_user))
  );
  return true;
end
$$;
comment on function public.link_clerk_user is 'Gives the row with this id another Clerk id, and records who did it, when and why in clerk_deliveries. The row keeps its id, its foreign keys and its metadata, and shows the new Clerk user''s state. If a row with the new Clerk id has come already, it is merged into this one, unless the application has data for it: then nothing changes, and the error names the tables. The old Clerk id stays as a deleted user without a history. Returns false if the row has this Clerk id already. For operators only. Link only what you know to be the same person; an equal email address alone does not prove it.';

revoke all on function clerk_sync.references_to_user(text) from public;
grant execute on function clerk_sync.references_to_user(text) to service_role;
revoke all on function public.link_clerk_user from public, anon, authenticated, service_role;
grant execute on function public.link_clerk_user to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
