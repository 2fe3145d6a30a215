-- Makes what a Supabase database holds before the first migration: roles and their memberships, schemas,
-- default privileges, auth helpers and API settings. Runs once, as the superuser supabase_admin, in the
-- database "postgres". Names and rights follow supabase/postgres.

-- Roles ------------------------------------------------------------------------------------------

create role postgres with login createdb createrole replication bypassrls nosuperuser
  password 'postgres';
alter database postgres owner to postgres;

create role anon nologin inherit;
create role authenticated nologin inherit;
create role service_role nologin inherit bypassrls;

-- PostgREST logs in as this role, then takes on the role that a token names. The stack sets its password.
create role authenticator with login noinherit;
grant anon, authenticated, service_role to authenticator;

create role supabase_privileged_role nologin;
create role supabase_auth_admin with login noinherit noreplication;
create role supabase_storage_admin with login noinherit createrole noreplication;
create role supabase_realtime_admin with login noinherit createrole replication;
create role supabase_etl_admin with login replication;
create role pgbouncer with login;
create role dashboard_user with nologin createdb createrole replication;
create role supabase_read_only_user with login bypassrls;
create role supabase_replication_admin with login replication;
grant pg_read_all_data to supabase_read_only_user;

-- With admin option, because since PostgreSQL 16 a role with createrole cannot grant a role that another
-- role made.
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend, supabase_privileged_role to postgres;
-- The platform's module supautils lets postgres set up authenticator without being a member.
grant authenticator to postgres with admin option;
grant supabase_privileged_role to supabase_etl_admin;
grant anon, authenticated, service_role to supabase_realtime_admin;
grant authenticator to supabase_storage_admin;

-- Limits of the API roles. The module safeupdate is not among the binaries here. Tests check that the
-- migrations do nothing that it refuses.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60000';
-- With the backslash, as on the platform, though no schema has that name.
alter role supabase_admin set search_path = "\$user", public, auth, extensions;
alter role postgres set search_path = "\$user", public, extensions;
alter role postgres set safeupdate.enabled = '0';
alter role supabase_realtime_admin set search_path = public, extensions, realtime;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_storage_admin set search_path = storage;

-- Schema public ----------------------------------------------------------------------------------

-- Since PostgreSQL 15 it belongs to pg_database_owner, which is role postgres here as on the platform.
grant usage on schema public to postgres, anon, authenticated, service_role;
grant usage, create on schema public to supabase_realtime_admin;

alter default privileges for role postgres in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;

-- Schema extensions ------------------------------------------------------------------------------

create schema extensions authorization postgres;
grant usage on schema extensions
  to anon, authenticated, service_role, supabase_realtime_admin, dashboard_user;
grant create on schema extensions to dashboard_user;
create extension "uuid-ossp" with schema extensions;
create extension pgcrypto with schema extensions;
grant all on all routines in schema extensions to postgres with grant option;
grant all on all routines in schema extensions to dashboard_user;
alter default privileges in schema extensions
  grant all on tables to postgres with grant option;
alter default privileges in schema extensions
  grant all on routines to postgres with grant option;
alter default privileges in schema extensions
  grant all on sequences to postgres with grant option;

-- Schema auth: the caller, from the claims that PostgREST sets -------------------------------------

create schema auth authorization supabase_admin;
grant usage on schema auth
  to anon, authenticated, service_role, supabase_realtime_admin, postgres;
grant all on schema auth to supabase_auth_admin, dashboard_user;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

-- Returns a uuid, as on the platform. It raises an error for Clerk's tokens, whose sub is not a uuid.
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;

create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;

create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  )::text
$$;

alter function auth.jwt() owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
grant all on all routines in schema auth to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on tables to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on sequences to postgres, dashboard_user;
alter default privileges for role supabase_auth_admin in schema auth
  grant all on routines to postgres, dashboard_user;

-- Schemas storage and realtime: empty here, but named by tools and search paths --------------------

create schema storage authorization supabase_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on schema storage to supabase_storage_admin, dashboard_user;

create schema realtime authorization supabase_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;
grant all on schema realtime to supabase_realtime_admin;

-- Realtime's publication, to which migrations add tables -----------------------------------------

create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;

-- PostgREST reads the schema again after every change ---------------------------------------------

create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_ddl_commands() as command
    where command.command_tag in (
      'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO',
      'ALTER TABLE', 'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE', 'CREATE VIEW', 'ALTER VIEW',
      'CREATE MATERIALIZED VIEW', 'ALTER MATERIALIZED VIEW', 'CREATE FUNCTION', 'ALTER FUNCTION',
      'CREATE TRIGGER', 'CREATE TYPE', 'ALTER TYPE', 'CREATE RULE', 'COMMENT'
    )
    and command.schema_name is distinct from 'pg_temp'
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$
begin
  if exists (
    select from pg_event_trigger_dropped_objects() as dropped
    where dropped.object_type in (
      'schema', 'table', 'foreign table', 'view', 'materialized view', 'function', 'trigger',
      'type', 'rule'
    )
    and not dropped.is_temporary
  ) then
    notify pgrst, 'reload schema';
  end if;
end
$$;

create event trigger pgrst_ddl_watch on ddl_command_end
  execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop
  execute function extensions.pgrst_drop_watch();

-- Database ---------------------------------------------------------------------------------------

grant all on database postgres to postgres, dashboard_user;
