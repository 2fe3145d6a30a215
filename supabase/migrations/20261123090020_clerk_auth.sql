-- Schema clerk_auth: tells the application's policies who the user is. Also the policies of users and organizations.
--
-- In a policy, call each of these as "(select clerk_auth.…)". PostgreSQL then calls it once per statement instead of
-- once per row, and can look up the result in an index. They are in PL/pgSQL, which keeps its plans: in SQL they would
-- be planned anew for every statement.

set client_min_messages = warning;

create schema if not exists clerk_auth;
comment on schema clerk_auth is 'Tells policies who the user is, from the request''s Clerk session token. Not exposed by the API.';
revoke all on schema clerk_auth from public, anon, authenticated, service_role;
grant usage on schema clerk_auth to anon, authenticated, service_role;

-- Only session tokens count. Tokens of Clerk's JWT templates and machines have no "sid": a session with pending tasks
-- could get such a token to bypass its "sts".
create or replace function clerk_auth.user_id() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- By the full name, because the application's users may have a column that is called the same.
    select t.claims ->> 'sub' from auth.jwt() as t (claims)
    where t.claims ->> 'sid' <> ''
      and t.claims ->> 'sts' is distinct from 'pending'
      -- A user without a row is not known to be inactive.
      and not exists (
        select from public.users as u
        where u.clerk_id = t.claims ->> 'sub' and (u.is_active and not u.banned) is not true
      )
  );
end
$$;
comment on function clerk_auth.user_id() is 'Clerk''s id of the signed-in user. Null without a session token, while the session has pending tasks, and while the user is deleted, deactivated or banned.';

create or replace function clerk_auth.organization_id() returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(t.claims -> 'o' ->> 'id', t.claims ->> 'org_id') from auth.jwt() as t (claims)
    where clerk_auth.user_id() is not null
  );
end
$$;
comment on function clerk_auth.organization_id() is 'Clerk''s id of the active organization in the session token (version 2 or 1). Null if there is none or user_id() is null. This is only what the token says: is_member() and has_role() tell whether the user still belongs to it.';

create or replace function clerk_sync.current_memberships(
  p_user_clerk_id text, p_organization_clerk_id text default null
)
returns table (organization_clerk_id text, role text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- A kept plan outlives the table size that it was made for.
set enable_seqscan = off
as $$
begin
  return query
    -- An application's column may be a varchar.
    select m.organization_clerk_id::text, m.role::text
    from (
      -- A user who has left and joined again has several memberships, of which the last one counts. A deactivation by
      -- the application applies to all of them.
      select distinct on (m.organization_clerk_id)
        m.organization_clerk_id, m.role, m.is_active,
        count(m.deactivated_at) over (partition by m.organization_clerk_id) > 0 as is_deactivated
      from public.organization_memberships as m
      where m.user_clerk_id = p_user_clerk_id
        and (p_organization_clerk_id is null or m.organization_clerk_id = p_organization_clerk_id)
      order by m.organization_clerk_id, m.clerk_created_at desc nulls last, m.clerk_id collate "C" desc
    ) as m
    where m.is_active and not m.is_deactivated
      -- The user and the organization need not have a row yet.
      and not exists (
        select from public.users as u
        where u.clerk_id = p_user_clerk_id and (u.is_active and not u.banned) is not true
      )
      and not exists (
        select from public.organizations as o
        where o.clerk_id = m.organization_clerk_id and o.is_active is not true
      );
end
$$;
comment on function clerk_sync.current_memberships(text, text) is 'The organizations that a user belongs to, each once, with the role. With p_organization_clerk_id, only that one.';

create or replace function clerk_auth.role_in(p_organization_id text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Null means no organization here, but all of them in current_memberships().
  if p_organization_id is null then
    return null;
  end if;
  return (
    select m.role from clerk_sync.current_memberships(clerk_auth.user_id(), p_organization_id) as m
  );
end
$$;
comment on function clerk_auth.role_in(text) is 'The signed-in user''s role in an organization, such as org:admin. Null if they are not a member.';

create or replace function clerk_auth.is_member(p_organization_id text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return clerk_auth.role_in(p_organization_id) is not null;
end
$$;
comment on function clerk_auth.is_member(text) is 'Whether the signed-in user is a member of the organization.';

create or replace function clerk_auth.has_role(p_organization_id text, p_role text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(clerk_auth.role_in(p_organization_id) = p_role, false);
end
$$;
comment on function clerk_auth.has_role(text, text) is 'Whether the signed-in user has the role, such as org:admin, in the organization.';

create or replace function clerk_auth.organization_ids() returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select m.organization_clerk_id from clerk_sync.current_memberships(clerk_auth.user_id()) as m
  );
end
$$;
comment on function clerk_auth.organization_ids() is 'Clerk''s ids of the organizations that the signed-in user is a member of. In a policy: organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]).';

create or replace function clerk_auth.organization_ids(p_role text) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select m.organization_clerk_id from clerk_sync.current_memberships(clerk_auth.user_id()) as m
    where m.role = p_role
  );
end
$$;
comment on function clerk_auth.organization_ids(text) is 'Clerk''s ids of the organizations in which the signed-in user has the role, such as org:admin.';

revoke all on all functions in schema clerk_auth from public;
grant execute on all functions in schema clerk_auth to anon, authenticated, service_role;

-- "(select …)" is evaluated once per statement, not once per row.
drop policy if exists "Users read their own active row" on public.users;
create policy "Users read their own active row" on public.users
  for select to authenticated
  using (clerk_id = (select clerk_auth.user_id()) and is_active and not banned);

drop policy if exists "Users update their own active row" on public.users;
create policy "Users update their own active row" on public.users
  for update to authenticated
  using (clerk_id = (select clerk_auth.user_id()) and is_active and not banned)
  with check (clerk_id = (select clerk_auth.user_id()) and is_active and not banned);

drop policy if exists "Members read their organizations" on public.organizations;
create policy "Members read their organizations" on public.organizations
  for select to authenticated
  using (clerk_id = any ((select clerk_auth.organization_ids())::text[]) and is_active);

drop policy if exists "Members read who belongs to their organizations" on public.organization_memberships;
create policy "Members read who belongs to their organizations" on public.organization_memberships
  for select to authenticated
  using (organization_clerk_id = any ((select clerk_auth.organization_ids())::text[]) and is_active);

-- Restrictive, so that they also limit policies that the application adds.
drop policy if exists "Only active users see rows" on public.users;
create policy "Only active users see rows" on public.users
  as restrictive
  for all to authenticated
  using ((select clerk_auth.user_id()) is not null);

drop policy if exists "Only active users see rows" on public.organizations;
create policy "Only active users see rows" on public.organizations
  as restrictive
  for all to authenticated
  using ((select clerk_auth.user_id()) is not null);

drop policy if exists "Only active users see rows" on public.organization_memberships;
create policy "Only active users see rows" on public.organization_memberships
  as restrictive
  for all to authenticated
  using ((select clerk_auth.user_id()) is not null);

-- No policies for inserts and deletes: rows come and go only with Clerk. No policies for anon: it sees nothing.

reset client_min_messages;
