-- Drops everything that the migrations made, and all rows in it. Run it only once you have a backup.
--
-- If a table was yours before, leave its line out: its policies and triggers go with the schemas below, and its other
-- columns stay. If something of yours uses these tables or helpers, PostgreSQL says what, and nothing is dropped.
begin;

drop table if exists public.clerk_sync_runs;
drop table if exists public.clerk_deliveries;
drop table if exists public.organization_memberships;
drop table if exists public.organizations;
drop table if exists public.users;

drop function if exists public.apply_clerk_facts(jsonb, boolean);
drop function if exists public.claim_clerk_sync_run(text, boolean, uuid, boolean);
drop function if exists public.clerk_sync_status();
drop function if exists public.compare_clerk_facts(jsonb);
drop function if exists public.find_clerk_users(text[]);
drop function if exists public.find_undated_clerk_rows(text, text);
drop function if exists public.find_unlisted_clerk_rows(text, text[], timestamptz, timestamptz, text);
drop function if exists public.link_clerk_user;
drop function if exists public.measure_clerk_rows(text, timestamptz, timestamptz);
drop function if exists public.purge_clerk_deliveries(interval);
drop function if exists public.purge_deleted_users(interval);
drop function if exists public.release_clerk_sync_run(uuid, uuid);
drop function if exists public.repair_clerk_facts(jsonb);
drop function if exists public.revive_clerk_user(text, text);
drop function if exists public.save_clerk_sync_run(uuid, uuid, jsonb, jsonb, bigint, text, text);

drop function if exists clerk_auth.is_member(text);
drop function if exists clerk_auth.has_role(text, text);
drop function if exists clerk_auth.role_in(text);
drop function if exists clerk_auth.organization_ids();
drop function if exists clerk_auth.organization_ids(text);
drop function if exists clerk_auth.organization_id();
drop function if exists clerk_auth.user_id();
drop schema if exists clerk_auth;
drop schema if exists clerk_sync cascade;
