create sequence public.users;
create view public.clerk_sync_runs as select 1 as a;
create type public.clerk_deliveries as (a int);
create table public.orders (id int);
create index organizations on public.orders (id);
