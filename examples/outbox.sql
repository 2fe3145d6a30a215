-- An example: do something when a user signs up, changes or leaves: send a mail, fill a mailing list, close an account
-- elsewhere. A trigger writes an event in the transaction that writes the user; a worker of yours does the work later.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new user_events < examples/outbox.sql
-- If the users are in another schema, replace public.users with their name there.
-- This repository's tests compare all tables with a list: add yours to tests/rights/expected.ts.
--
-- A user is here while is_active and not banned, as everywhere in this project. The events:
--   signed_up: the row was created, and the user is here.
--   changed: the user is here, and a column that follows Clerk has changed; "changed" names it. A sign-in alone is no
--     event, and neither is a change of metadata.
--   left: the user is no longer here. "reason" says deleted (final), deactivated or banned. Somebody who was
--     deactivated or banned and is then deleted leaves twice.
--   returned: the user is here again: revived, active again, or no longer banned.
-- What else to expect:
--   The deletion arrives first: no event, then or with the late state, because nobody had signed up. If the user is
--     revived, "returned" is the first event. So it is for somebody who was banned at their first state.
--   States that arrive late or twice change no row, and make no event. Two changes may arrive as one.
--   Users from before this migration have no event.
--   An event comes at least once, and not always in order. Read the user's row for what is true now.
--   Events hold no personal data, so there is nothing to erase.
--
-- The worker, with a connection to the database: in one transaction
--   select * from public.user_events order by id limit 10 for update skip locked;
-- then do the work, delete these events, and commit. With the Data API or in an Edge Function: call
-- take_user_events(), do the work, and delete the events by id. What you do not delete comes again after the lease.
-- Realtime, a database webhook or a queue can read the inserts of this table instead.

create table public.user_events (
  id bigint primary key generated always as identity,
  user_id uuid not null,
  user_clerk_id text not null,
  kind text not null check (kind in ('signed_up', 'changed', 'left', 'returned')),
  reason text check (reason in ('deleted', 'deactivated', 'banned')),
  changed text[] not null default '{}',
  recorded_at timestamptz not null default now(),
  taken_until timestamptz,
  attempts integer not null default 0
);
comment on table public.user_events is 'What has happened to users and is still to be worked on. The worker deletes what it has done.';
comment on column public.user_events.user_id is 'users.id. No foreign key, so that the synchronisation does not depend on this table.';
comment on column public.user_events.user_clerk_id is 'Clerk''s id of the user.';
comment on column public.user_events.kind is 'signed_up, changed, left or returned.';
comment on column public.user_events.reason is 'Why the user left: deleted, deactivated or banned. Otherwise null.';
comment on column public.user_events.changed is 'The columns of users that have changed. Empty unless kind is changed.';
comment on column public.user_events.taken_until is 'Until when a worker has the event, see take_user_events(). Null if none has taken it yet.';
comment on column public.user_events.attempts is 'How often the event was taken. If it is high, the work fails.';

create table public.user_event_failures (
  user_id uuid primary key,
  sqlstate text not null,
  failed_at timestamptz not null default now()
);
comment on table public.user_event_failures is 'Users with an event that could not be written: see record_user_event(). Read the user''s row, do what is needed, and delete the entry. The error''s message is not kept, because it may quote personal data.';

alter table public.user_events enable row level security;
alter table public.user_event_failures enable row level security;
revoke all on table public.user_events, public.user_event_failures from public, anon, authenticated, service_role;
grant select, update, delete on table public.user_events to service_role;
grant select, delete on table public.user_event_failures to service_role;

-- "security definer": service_role and users write users, and neither may write here.
create function public.record_user_event() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Synchronisation must not wait for a row here.
set lock_timeout = '100ms'
as $$
declare
  v_was_here boolean := false;
  v_was_deleted boolean := true;
  v_is_here boolean := new.is_active and not new.banned;
  v_kind text;
  v_changed text[] := '{}';
begin
  if tg_op = 'UPDATE' then
    v_was_here := old.is_active and not old.banned;
    v_was_deleted := old.deleted_at is not null;
  end if;
  if v_was_here and v_is_here then
    v_changed := array_remove(array[
      case when new.email is distinct from old.email then 'email' end,
      case when new.email_verified is distinct from old.email_verified then 'email_verified' end,
      case when new.first_name is distinct from old.first_name then 'first_name' end,
      case when new.last_name is distinct from old.last_name then 'last_name' end,
      case when new.username is distinct from old.username then 'username' end,
      case when new.image_url is distinct from old.image_url then 'image_url' end,
      case when new.phone is distinct from old.phone then 'phone' end,
      case when new.external_id is distinct from old.external_id then 'external_id' end,
      case when new.public_metadata is distinct from old.public_metadata then 'public_metadata' end
    ], null);
    v_kind := case when cardinality(v_changed) > 0 then 'changed' end;
  elsif v_is_here then
    v_kind := case tg_op when 'INSERT' then 'signed_up' else 'returned' end;
  elsif v_was_here or new.deleted_at is not null and not v_was_deleted then
    v_kind := 'left';
  end if;
  if v_kind is null then
    return null;
  end if;
  -- Must not wait for a migration that locks the table either: in a batch, the waits for each user would add up.
  lock table public.user_events in row exclusive mode nowait;
  insert into public.user_events (user_id, user_clerk_id, kind, reason, changed)
  values (
    new.id, new.clerk_id, v_kind,
    case when v_kind = 'left' then
      case when new.deleted_at is not null then 'deleted' when not new.is_active then 'deactivated' else 'banned' end
    end,
    v_changed
  );
  return null;
-- The synchronisation goes on, whatever has failed. "others" leaves out two errors: a failed assertion, and a request
-- to cancel, which is obeyed.
exception when others or assert_failure then
  begin
    lock table public.user_event_failures in row exclusive mode nowait;
    insert into public.user_event_failures as f (user_id, sqlstate) values (new.id, sqlstate)
    on conflict (user_id) do update set sqlstate = excluded.sqlstate, failed_at = now();
  exception when others or assert_failure then
    -- Not even the failure could be recorded. The database's log has it.
    raise warning 'The event of user % is lost: %', new.id, sqlstate;
  end;
  return null;
end
$$;
comment on function public.record_user_event() is 'Trigger on users: writes an event to user_events. What fails is recorded in user_event_failures. It never fails itself.';
revoke all on function public.record_user_event() from public, anon, authenticated, service_role;

-- "after", when the row has its final values. Checks at the end of the transaction are not caught, so no constraint of
-- the two tables may be "initially deferred".
create trigger record_user_event after insert or update on public.users
  for each row execute function public.record_user_event();

create function public.take_user_events(p_limit integer default 10, p_lease interval default '1 minute')
returns setof public.user_events
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  with free as (
    select e.id from public.user_events as e
    where e.taken_until is null or e.taken_until < now()
    order by e.id
    limit p_limit
    for update skip locked
  ),
  taken as (
    update public.user_events as e set taken_until = now() + p_lease, attempts = e.attempts + 1
    from free as f
    where e.id = f.id
    returning e.*
  )
  select * from taken as t order by t.id
$$;
comment on function public.take_user_events(integer, interval) is 'Takes the oldest events that nobody has taken, at most p_limit. No other worker gets them for the time of p_lease. Delete them when the work is done: otherwise they come again.';
revoke all on function public.take_user_events(integer, interval) from public, anon, authenticated, service_role;
grant execute on function public.take_user_events(integer, interval) to service_role;

notify pgrst, 'reload schema';
