create table public.users (id integer primary key, clerk_id text unique not null, email text);
insert into public.users (id, clerk_id) values (1, 'user_1');
create table public.organizations (id varchar primary key, clerk_id text unique not null, name text);
