create table public.people (id uuid default gen_random_uuid(), clerk_id text not null, kind text not null) partition by list (kind);
create table public.users partition of public.people for values in ('user');
