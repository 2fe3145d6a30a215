create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
alter publication supabase_realtime add table public.users;
alter table public.users replica identity nothing;
create table public.organizations (id uuid default gen_random_uuid(), clerk_id text);
insert into public.organizations select gen_random_uuid(), 'org_1' from generate_series(1, 1);
insert into public.organizations select id, 'org_2' from public.organizations;
alter publication supabase_realtime add table public.organizations;
