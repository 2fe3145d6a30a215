-- The one way back from a deletion. Only operators take it, never synchronisation.

set client_min_messages = warning;

create or replace function public.revive_clerk_user(p_clerk_id text, p_reason text) returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_deleted_at timestamptz;
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception using errcode = 'invalid_parameter_value', message = 'Say why: p_reason is empty';
  end if;
  -- Keeps out every writer of this user's deletion or memberships: see lock_memberships().
  perform pg_advisory_xact_lock(hashtextextended('clerk user ' || p_clerk_id, 0));
  select u.deleted_at into v_deleted_at from public.users as u where u.clerk_id = p_clerk_id for update;
  if v_deleted_at is null then
    return false;
  end if;
  update public.users as u set
    deleted_at = null,
    -- A deletion from the future, such as a forged one, must not count again when it is delivered again.
    revived_at = greatest(clock_timestamp(), v_deleted_at),
    erased_at = null,
    -- Nothing is left of an erased state to compare the next one with.
    clerk_updated_at = case when u.erased_at is null then u.clerk_updated_at end,
    is_active = u.deactivated_at is null
  where u.clerk_id = p_clerk_id;
  -- Memberships that ended with the user become active only with their next state: they may have ended by themselves
  -- since.
  with ended as (
    select m.clerk_id from public.organization_memberships as m
    where m.user_clerk_id = p_clerk_id and m.deleted_at = v_deleted_at
    order by m.clerk_id collate "C"
    for update
  )
  update public.organization_memberships as m set deleted_at = null, clerk_updated_at = null
  from ended as e
  where m.clerk_id = e.clerk_id;
  insert into public.clerk_deliveries (delivery_id, event_type, subject, source, outcome, reason, actor)
  values (
    'revive_' || gen_random_uuid(), 'user.revived', p_clerk_id, 'operator', 'revived', btrim(p_reason),
    concat_ws(' as ', session_user, nullif(current_user, session_user))
  );
  return true;
end
$$;
comment on function public.revive_clerk_user(text, text) is 'Takes back a deletion that was recorded by mistake, and records who did it, when and why in clerk_deliveries. Returns whether there was one. The user is active again, unless the application has deactivated them. Older facts, deletions included, do not undo this; a later deletion does. Memberships that had ended with the user become active with their next state. For operators only. Do not use it if Clerk no longer knows the user.';

revoke all on function public.revive_clerk_user(text, text) from public, anon, authenticated, service_role;
grant execute on function public.revive_clerk_user(text, text) to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
