-- As in projects made since 2026-05-30, no role of the API, not even the service role, gets rights on what
-- migrations make in schema public until somebody grants them.

alter default privileges for role postgres in schema public
  revoke all on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke all on functions from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke all on sequences from anon, authenticated, service_role;
