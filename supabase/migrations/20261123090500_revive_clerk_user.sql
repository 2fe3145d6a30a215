-- The one way back from a deletion. It is an operator's: synchronisation never takes it.

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
  -- Apart from every writer of this user's deletion or memberships: see lock_memberships().
  perform pg_advisory_xact_lock(hashtextextended('clerk user ' || p_clerk_id, 0));
  select u.deleted_at into v_deleted_at from public.users as u where u.clerk_id = p_clerk_id for update;
  if v_deleted_at is null then
    return false;
  end if;
  update public.users as u set
    deleted_at = null,
    -- A deletion from the future, as a forged one may be, must not count again when it is delivered again.
    revived_at = greatest(clock_timestamp(), v_deleted_at),
    erased_at = null,
    -- Of an erased state nothing is left to compare the next one with.
    clerk_updated_at = case when u.erased_at is null then u.clerk_updated_at end,
    is_active = u.deactivated_at is null
  where u.clerk_id = p_clerk_id;
  -- What ended with the user is open again, and active once Clerk says so: a membership may have ended by itself since.
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
comment on function public.revive_clerk_user(text, text) is 'Takes back a deletion that was recorded by mistake, and records who, when and why in clerk_deliveries. True where there was one. The user is active again, unless the application has deactivated them; facts older than this, deletions included, do not undo it, a later deletion does. Memberships that had ended with the user are active again with their next state. For operators: never right where Clerk does not know the user any more.';

revoke all on function public.revive_clerk_user(text, text) from public, anon, authenticated, service_role;
grant execute on function public.revive_clerk_user(text, text) to service_role;

reset client_min_messages;

notify pgrst, 'reload schema';
