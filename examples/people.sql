-- An example: a table of the application's own that is fed from Clerk's users. It may be of any form, and it may refuse
-- whom it likes: what fails here is noted for you, and never fails the synchronisation.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new people < examples/people.sql
-- Where the users are in a schema of their own, name that in place of public.users.
-- The tests of this repository hold every table to a written list: add yours to tests/rights/expected.ts.

create table public.people (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique not null,
  display_name text not null,
  email text unique,
  left_at timestamptz,
  user_updated_at timestamptz not null
);
comment on table public.people is 'The application''s people, fed from Clerk''s users.';
comment on column public.people.user_id is 'users.id. No foreign key: the synchronisation must not wait for this table, nor fail with it.';
comment on column public.people.left_at is 'When the user was deleted in Clerk, or deactivated.';
comment on column public.people.user_updated_at is 'users.updated_at of the state that this shows: repair_people() finds by it what is missing.';

create table public.people_failures (
  user_id uuid primary key,
  sqlstate text not null,
  constraint_name text,
  failed_at timestamptz not null default now()
);
comment on table public.people_failures is 'Users whose person could not be written: see feed_people(). No message is kept, since it may quote personal data.';

alter table public.people enable row level security;
alter table public.people_failures enable row level security;
revoke all on table public.people, public.people_failures from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.people, public.people_failures to service_role;

create function public.write_person(p_user public.users) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Synchronisation waits for nobody's row here.
set lock_timeout = '100ms'
as $$
declare
  v_constraint text;
begin
  -- Of users whose deletion alone is known there is nothing to show.
  if p_user.clerk_updated_at is null then
    return;
  end if;
  -- Nor for a migration that holds the table: in a batch, a wait for each user would add up.
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
-- "others" leaves out two: a failed assertion, and a request to stop, which is obeyed.
exception when others or assert_failure then
  get stacked diagnostics v_constraint = constraint_name;
  insert into public.people_failures as f (user_id, sqlstate, constraint_name)
  values (p_user.id, sqlstate, nullif(v_constraint, ''))
  on conflict (user_id) do update set
    sqlstate = excluded.sqlstate, constraint_name = excluded.constraint_name, failed_at = now();
end
$$;
comment on function public.write_person(public.users) is 'Writes a user''s person; what fails is noted in people_failures.';

create function public.feed_people() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.write_person(new);
  return null;
exception when others or assert_failure then
  -- Not even the note could be taken. The synchronisation goes on; repair_people() finds what is missing.
  return null;
end
$$;
comment on function public.feed_people() is 'Trigger on users: writes the person. It never fails.';

-- After the row, once it is as it stays. What is checked only when the transaction ends is not caught: let no constraint
-- of people be "initially deferred".
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
    -- In the synchronisation's order and until this is over: an older state must not come after a newer one.
    order by u.clerk_id collate "C"
    for no key update of u
  loop
    perform public.write_person(v_user);
  end loop;
  return (select count(*) from public.people_failures);
end
$$;
comment on function public.repair_people() is 'Writes the people who are missing, such as those from before this migration, and those who do not show their user''s last state. Returns how many still fail. Run it when people_failures has entries, or from time to time.';

revoke all on function public.write_person(public.users) from public, anon, authenticated, service_role;
revoke all on function public.feed_people() from public, anon, authenticated, service_role;
revoke all on function public.repair_people() from public, anon, authenticated, service_role;
grant execute on function public.repair_people() to service_role;

select public.repair_people();

notify pgrst, 'reload schema';
