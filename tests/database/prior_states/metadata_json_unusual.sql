create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, metadata json, public_metadata json);
insert into public.users (clerk_id, metadata, public_metadata) values
  ('user_1', '{"a":"secret \u0000"}', '{}'), ('user_2', '[1]', '{"b":"\u0000"}'), ('user_3', null, '7');
