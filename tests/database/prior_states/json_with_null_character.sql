create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, settings json, notes json);
insert into public.users (clerk_id, email, settings, notes) values ('user_1', 'a@x.c', '{"a":"\u0000"}', '{"a":"\\u0000"}');
