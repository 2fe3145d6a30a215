create role prior_state_owner nologin;
grant usage, create on schema public to prior_state_owner;
grant prior_state_owner to postgres;
set role prior_state_owner;
create view public.users as select 1 as id;
create table public.clerk_deliveries (id int);
\c - postgres
revoke prior_state_owner from postgres;
