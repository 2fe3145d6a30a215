create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, tenant_id uuid not null);
insert into public.users (clerk_id, tenant_id) values ('user_1', gen_random_uuid());
