create table public.organizations (id uuid default gen_random_uuid() primary key, name text not null, slug text unique not null, owner_id uuid not null, created_at timestamp default now());
alter table public.organizations enable row level security;
create policy "own" on public.organizations for all using (auth.uid() = owner_id);
insert into public.organizations (name, slug, owner_id) values ('A', 'a', gen_random_uuid());
