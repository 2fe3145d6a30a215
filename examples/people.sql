-- An example: a table of your own that is filled from Clerk's users. It may have any form and refuse any user: what
-- fails here is recorded for you, and never fails the synchronisation.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new people < examples/people.sql
-- If the users are in another schema, replace public.users with their name there.
-- To fill a table that you have already, such as users of your own, see README.md beside this file.
-- This repository's tests compare all tables with a list: add yours to tests/rights/expected.ts.

create table public.people (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique not null,
  display_name text not null,
  email text unique,
  left_at timestamptz,
  user_updated_at timestamptz not null
);
comment on table public.people is 'The application''s people, filled from Clerk''s users.';
comment on column public.people.user_id is 'users.id. No foreign key, so that the synchronisation neither waits for this table nor fails with it.';
comment on column public.people.left_at is 'When the user was deleted in Clerk, or deactivated.';
comment on column public.people.user_updated_at is 'users.updated_at of the state shown here. repair_people() uses it to find what is missing.';

create table public.people_failures (
  user_id uuid primary key,
  sqlstate text not null,
  constraint_name text,
  failed_at timestamptz not null default now()
);
comment on table public.people_failures is 'Users whose person could not be written: see feed_people(). The error''s message is not kept, because it may quote personal data.';

alter table public.people enable row level security;
alter table public.people_failures enable row level security;
revoke all on table public.people, public.people_failures from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.people, public.people_failures to service_role;

create function public.write_person(p_user public.users) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Synchronisation must not wait for a row here.
set lock_timeout = '100ms'
as $$
declare
  v_constraint text;
begin
  -- There is nothing to show for a user of whom only the deletion is known.
  if p_user.clerk_updated_at is null then
    return;
  end if;
  -- Must not wait for a migration that locks the table either: in a batch, the waits for each user would add up.
  lock table public.people in row exclusive mode nowait;
  insert into public.people as p (user_id, display_name, email, left_at, user_updated_at)
  values (
    p_user.id, coalesce(nullif(concat_ws(' ', p_user.first_name, p_user.last_name), ''), p_user.username, 'Somebody'),
    case when p_user.is_active then p_user.email end,
    case when not p_user.is_active then coalesce(p_user.deleted_at, now()) end, p_user.updated_at
  )
  on conflict (user_id) do update set
    display_name = excluded.display_name, email = excluded.email,
    left_at = case when excluded.left_at is not null then coalesce(p.left_at, excluded.left_at) end,
    user_updated_at = excluded.user_updated_at;
  delete from public.people_failures as f where f.user_id = p_user.id;
-- "others" leaves out two errors: a failed assertion, and a request to cancel, which is obeyed.
exception when others or assert_failure then
  get stacked diagnostics v_constraint = constraint_name;
  insert into public.people_failures as f (user_id, sqlstate, constraint_name)
  values (p_user.id, sqlstate, nullif(v_constraint, ''))
  on conflict (user_id) do update set
    sqlstate = excluded.sqlstate, constraint_name = excluded.constraint_name, failed_at = now();
end
$$;
comment on function public.write_person(public.users) is 'Writes a user''s person. Records what fails in people_failures.';

create function public.feed_people() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.write_person(new);
  return null;
exception when others or assert_failure then
  -- Not even the failure could be recorded. The synchronisation goes on; repair_people() finds what is missing.
  return null;
end
$$;
comment on function public.feed_people() is 'Trigger on users: writes the person. It never fails.';

-- "after", when the row has its final values. Checks at the end of the transaction are not caught, so no constraint of
-- people may be "initially deferred".
create trigger feed_people after insert or update on public.users
  for each row execute function public.feed_people();

create function public.repair_people() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_user public.users;
begin
  for v_user in
    select u.* from public.users as u
    left join public.people as p on p.user_id = u.id
    where p.user_updated_at is distinct from u.updated_at
      or exists (select from public.people_failures as f where f.user_id = u.id)
    -- Locks users in the synchronisation's order, until the end: an older state must not be written after a newer one.
    order by u.clerk_id collate "C"
    for no key update of u
  loop
    perform public.write_person(v_user);
  end loop;
  return (select count(*) from public.people_failures);
end
$$;
comment on function public.repair_people() is 'Writes people who are missing, such as those from before this migration, or who do not show their user''s last state. Returns how many still fail. Run it when people_failures has entries, or from time to time.';

revoke all on function public.write_person(public.users) from public, anon, authenticated, service_role;
revoke all on function public.feed_people() from public, anon, authenticated, service_role;
revoke all on function public.repair_people() from public, anon, authenticated, service_role;
grant execute on function public.repair_people() to service_role;

select public.repair_people();

notify pgrst, 'reload schema';
