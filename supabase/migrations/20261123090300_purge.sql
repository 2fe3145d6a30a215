-- Removes old entries of the ledger, and the personal data of users who are long gone. Both functions are for
-- operators or scheduled jobs; synchronisation calls neither.

create or replace function public.purge_clerk_deliveries(p_older_than interval default '30 days')
returns bigint
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  with purged as (
    delete from public.clerk_deliveries as c
    where c.delivery_id in (
      select d.delivery_id from public.clerk_deliveries as d
      where d.received_at < now() - p_older_than and d.last_received_at < now() - p_older_than
        and d.source <> 'operator'
      -- The order in which writers lock deliveries.
      order by d.delivery_id collate "C"
      for update
    )
    returning c.delivery_id
  )
  select count(*) from purged
$$;
comment on function public.purge_clerk_deliveries(interval) is 'Deletes ledger entries that last came longer ago than p_older_than, except what operators did by hand. Returns how many. A delivery that comes again afterwards still changes nothing: its answer is "stale" or "duplicate", by its content.';

create or replace function public.purge_deleted_users(p_older_than interval)
returns bigint
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  with expired as (
    select u.clerk_id from public.users as u
    where u.deleted_at < now() - p_older_than and u.erased_at is null
    -- The order in which writers lock users.
    order by u.clerk_id collate "C"
    for update
  ),
  erased as (
    update public.users as u set
      email = null, email_verified = false, first_name = null, last_name = null, username = null,
      image_url = null, phone = null, external_id = null, public_metadata = '{}', metadata = '{}',
      last_sign_in_at = null, erased_at = now()
    from expired as e
    -- By clerk_id, which is also unique in a table that was taken over.
    where u.clerk_id = e.clerk_id
    returning u.clerk_id
  ),
  -- Every writer takes memberships after users.
  left_over as (
    select m.clerk_id from public.organization_memberships as m
    where m.user_clerk_id in (select e.clerk_id from expired as e)
    order by m.clerk_id collate "C"
    for update
  ),
  emptied as (
    update public.organization_memberships as m set metadata = '{}'
    from left_over as l
    where m.clerk_id = l.clerk_id and m.metadata <> '{}'
  )
  select count(*) from erased
$$;
comment on function public.purge_deleted_users(interval) is 'Erases the personal data of users who were deleted longer ago than p_older_than, including their metadata and that of their memberships. Returns how many users. The row stays as a tombstone: no late fact brings the data or the user back. The application has to erase the columns that it has added.';

revoke all on function public.purge_clerk_deliveries(interval) from public, anon, authenticated, service_role;
grant execute on function public.purge_clerk_deliveries(interval) to service_role;
revoke all on function public.purge_deleted_users(interval) from public, anon, authenticated, service_role;
grant execute on function public.purge_deleted_users(interval) to service_role;
