create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, password_hash text, "Risk, score" int not null default 5);
alter table public.users enable row level security;
insert into public.users (clerk_id, email, password_hash) values ('user_1', 'a@x.c', 'x');
