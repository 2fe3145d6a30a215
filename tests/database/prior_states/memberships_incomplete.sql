create table public.organization_memberships (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, organization_clerk_id text, user_clerk_id text, role text);
insert into public.organization_memberships (clerk_id, organization_clerk_id, user_clerk_id, role) values ('orgmem_1', 'org_1', 'user_1', 'org:admin'), ('orgmem_2', null, null, null);
