create schema clerk_sync;
grant usage, create on schema clerk_sync to anon, authenticated, public;
create schema clerk_auth;
grant usage, create on schema clerk_auth to anon, authenticated, public;
