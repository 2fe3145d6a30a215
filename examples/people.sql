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
  left_at timestamptz
);
comment on table public.people is 'The application''s people, fed from Clerk''s users.';
comment on column public.people.user_id is 'users.id. No foreign key: the synchronisation must not wait for this table, nor fail with it.';
comment on column public.people.left_at is 'When the user was deleted in Clerk, or deactivated.';

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
as $$
declare
  v_constraint text;
begin
  -- Of users whose deletion alone is known there is nothing to show.
  if p_user.clerk_updated_at is null then
    return;
  end if;
  insert into public.people as p (user_id, display_name, email, left_at)
  values (
    p_user.id, coalesce(nullif(concat_ws(' ', p_user.first_name, p_user.last_name), ''), p_user.username, 'Somebody'),
    case when p_user.is_active then p_user.email end,
    case when not p_user.is_active then coalesce(p_user.deleted_at, now()) end
  )
  on conflict (user_id) do update set
    display_name = excluded.display_name, email = excluded.email,
    left_at = case when excluded.left_at is not null then coalesce(p.left_at, excluded.left_at) end;
  delete from public.people_failures as f where f.user_id = p_user.id;
exception when others then
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
exception when others then
  -- Not even the note could be taken. The synchronisation goes on; repair_people() finds who is missing.
  return null;
end
$$;
comment on function public.feed_people() is 'Trigger on users: writes the person. It never fails.';

-- After the row, once it is as it stays.
create trigger feed_people after insert or update on public.users
  for each row execute function public.feed_people();

create function public.repair_people() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform public.write_person(u)
  from public.users as u
  left join public.people as p on p.user_id = u.id
  where p.id is null or exists (select from public.people_failures as f where f.user_id = u.id);
  return (select count(*) from public.people_failures);
end
$$;
comment on function public.repair_people() is 'Writes the people of users who have none, such as those from before this migration, and those that failed. Returns how many still fail.';

revoke all on function public.write_person(public.users) from public, anon, authenticated, service_role;
revoke all on function public.feed_people() from public, anon, authenticated, service_role;
revoke all on function public.repair_people() from public, anon, authenticated, service_role;
grant execute on function public.repair_people() to service_role;

select public.repair_people();

notify pgrst, 'reload schema';
