create collation public.ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text collate public.ignore_case unique not null, email text collate "POSIX");
create table public.organizations (id uuid default gen_random_uuid() primary key, clerk_id text collate "C" unique not null, name text);
create table public.organization_memberships (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, organization_clerk_id text collate "POSIX", user_clerk_id varchar(64) collate "C");
create table public.posts (id int, author text collate public.ignore_case references public.users (clerk_id));
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c');
insert into public.posts values (1, 'user_1');
