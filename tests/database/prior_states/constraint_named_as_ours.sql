create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text not null, email text, constraint users_clerk_id_present check (clerk_id <> ''));
create unique index on public.users (clerk_id);
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c'), ('user_2', 'a@x.c');
alter table public.users enable row level security;
create policy "all" on public.users for select using (true);
