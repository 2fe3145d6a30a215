-- Lets pg_cron call clerk-reconcile: what has changed every 10 minutes, numbers every hour, everything every night.
-- `deploy --schedule` does all of this. By hand, run it in the SQL editor, as often as you like; it replaces what it has
-- made before. It needs the extensions pg_cron and pg_net (Supabase dashboard: Integrations) and two secrets in the
-- vault, which you make once:
--
--   select vault.create_secret('https://PROJECT_REF.supabase.co', 'clerk_reconcile_url');
--   select vault.create_secret('THE KEY THAT THE FUNCTION HAS AS CLERK_RECONCILE_KEY', 'clerk_reconcile_key');
--
-- A run that takes longer than a function may work is continued every minute, and only while one is open. If your
-- tables are in a schema of their own, write it for public in the last job. If your functions have a prefix, write it in
-- the path.

create or replace function clerk_sync.call_reconcile(p_kind text) returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select net.http_post(
    url := (select s.decrypted_secret from vault.decrypted_secrets as s where s.name = 'clerk_reconcile_url')
      || '/functions/v1/clerk-reconcile',
    headers := jsonb_build_object(
      'content-type', 'application/json',
      'authorization',
      'Bearer ' || (select s.decrypted_secret from vault.decrypted_secrets as s where s.name = 'clerk_reconcile_key')
    ),
    body := jsonb_build_object('kind', p_kind),
    timeout_milliseconds := 30000
  )
$$;
comment on function clerk_sync.call_reconcile(text) is 'Asks clerk-reconcile for a slice of a reconciliation: recent, count, full or continue.';
revoke all on function clerk_sync.call_reconcile(text) from public, anon, authenticated, service_role;

-- A job of the same name is replaced.
select cron.schedule('clerk-reconcile-recent', '*/10 * * * *', $$ select clerk_sync.call_reconcile('recent') $$);
select cron.schedule('clerk-reconcile-count', '7 * * * *', $$ select clerk_sync.call_reconcile('count') $$);
select cron.schedule('clerk-reconcile-full', '23 2 * * *', $$ select clerk_sync.call_reconcile('full') $$);
select cron.schedule('clerk-reconcile-continue', '* * * * *', $$
  select clerk_sync.call_reconcile('continue')
  where exists (
    select from public.clerk_sync_runs as r
    where r.ended_at is null and r.repairs and r.kind <> 'backfill' and r.held_until < now()
  )
$$);
