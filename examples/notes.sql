-- An example: tables of your own whose rows belong to a user. Nobody else sees or changes them.
--
-- To use it, make it a migration of your own, and change it:
--   npx -y supabase@3.1.0 migration new notes < examples/notes.sql
-- If the users are in another schema, replace public.users with their name there.
-- This repository's tests compare all tables with a list: add yours to tests/rights/expected.ts.
--
-- It shows two ways to name the owner. Use the same one in all your tables:
--   notes.user_id refers to users.id. It is short, and yours: it stays if you ever leave Clerk.
--   reminders.user_clerk_id refers to users.clerk_id. Defaults and policies need no look-up.
--
-- What happens to the rows:
--   The user has no row in users yet: an insert fails with 23503. Call users-sync, then insert again.
--   The user is deleted, deactivated or banned: the rows stay. From then on the user sees and writes nothing, even with
--     a token that is still valid. Your server sees the rows. So do other users, if a policy of yours shows them.
--   purge_deleted_users() erases the user: the row in users stays, so the foreign keys hold, and the rows here stay
--     too. purge_notes() deletes them.
--   The user is revived or active again: they see their rows again.
--
-- The foreign keys do not hold up the synchronisation, which never deletes a user's row and never changes its keys.
-- Somebody who deletes such a row by hand is refused while it has rows here.

create function public.own_user_id() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clerk_id constant text := clerk_auth.user_id();
  v_id uuid;
begin
  -- Nobody is signed in, or an inactive user: the policy refuses the row.
  if v_clerk_id is null then
    return null;
  end if;
  select u.id into v_id from public.users as u where u.clerk_id = v_clerk_id;
  if v_id is null then
    raise exception using errcode = 'foreign_key_violation', message = 'The signed-in user has no row in users yet',
      hint = 'Call users-sync first';
  end if;
  return v_id;
end
$$;
comment on function public.own_user_id() is 'users.id of the signed-in user, for defaults. Null if nobody is signed in or the user is inactive. Fails with 23503, like a foreign key, if the user has no row yet.';
revoke all on function public.own_user_id() from public, anon, authenticated, service_role;
grant execute on function public.own_user_id() to authenticated, service_role;

create table public.notes (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default public.own_user_id() references public.users (id),
  body text not null,
  created_at timestamptz not null default now()
);
-- For the policy, and for the foreign key.
create index notes_user_id_idx on public.notes (user_id);
comment on table public.notes is 'Notes. Each belongs to one user.';
comment on column public.notes.user_id is 'users.id of the owner.';

create table public.reminders (
  id uuid primary key default gen_random_uuid(),
  -- Not auth.jwt() ->> 'sub', which is also there for inactive users and for sessions with pending tasks.
  user_clerk_id text not null default clerk_auth.user_id() references public.users (clerk_id),
  body text not null,
  due_at timestamptz not null
);
create index reminders_user_clerk_id_idx on public.reminders (user_clerk_id);
comment on table public.reminders is 'Reminders. Each belongs to one user.';
comment on column public.reminders.user_clerk_id is 'Clerk''s id of the owner.';

alter table public.notes enable row level security;
alter table public.reminders enable row level security;

-- "(select …)" is evaluated once per statement, and its result can be looked up in the index. The policies of users
-- apply in it: it finds the user's own row, while the user is active.
create policy "Users do everything with their own notes" on public.notes
  for all to authenticated
  using (user_id = (select u.id from public.users as u where u.clerk_id = (select clerk_auth.user_id())))
  with check (user_id = (select u.id from public.users as u where u.clerk_id = (select clerk_auth.user_id())));

create policy "Users do everything with their own reminders" on public.reminders
  for all to authenticated
  using (user_clerk_id = (select clerk_auth.user_id()))
  with check (user_clerk_id = (select clerk_auth.user_id()));

-- Row Level Security limits rows, these rights limit columns: the owner comes from the token and never changes.
revoke all on table public.notes, public.reminders from public, anon, authenticated, service_role;
grant select, delete on table public.notes, public.reminders to authenticated;
grant insert (body), update (body) on table public.notes to authenticated;
grant insert (body, due_at), update (body, due_at) on table public.reminders to authenticated;
grant select, insert, update, delete on table public.notes, public.reminders to service_role;

create function public.purge_notes() returns bigint
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  with erased as (
    select u.id, u.clerk_id from public.users as u where u.erased_at is not null
  ),
  purged_notes as (
    delete from public.notes as n using erased as e where n.user_id = e.id returning n.id
  ),
  purged_reminders as (
    delete from public.reminders as r using erased as e where r.user_clerk_id = e.clerk_id returning r.id
  )
  select (select count(*) from purged_notes) + (select count(*) from purged_reminders)
$$;
comment on function public.purge_notes() is 'Deletes what belongs to erased users. Returns how many rows. Schedule it after purge_deleted_users().';
revoke all on function public.purge_notes() from public, anon, authenticated, service_role;
grant execute on function public.purge_notes() to service_role;

notify pgrst, 'reload schema';
