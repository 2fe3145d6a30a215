\c - supabase_admin
create extension postgres_fdw with schema extensions;
grant usage on foreign data wrapper postgres_fdw to postgres;
\c - postgres
create server clerk_server foreign data wrapper postgres_fdw options (host '127.0.0.1');
create schema clerk;
create foreign table clerk.users (id text, external_id text, username text, attrs jsonb) server clerk_server options (schema_name 'x', table_name 'users');
create foreign table clerk.organization_memberships (user_id text, organization_id text, role text, attrs jsonb) server clerk_server;
