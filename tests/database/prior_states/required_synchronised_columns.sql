create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text not null, first_name text not null, username text not null, image_url text not null, last_sign_in_at timestamptz not null default now());
insert into public.users (clerk_id, email, first_name, username, image_url) values ('user_1', 'a@x.c', 'Ada', 'ada', 'x');
