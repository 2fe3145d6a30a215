create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text, email text, metadata jsonb, public_metadata jsonb, last_sign_in_at timestamptz, erased_at timestamptz);
insert into public.users (clerk_id, metadata, public_metadata, last_sign_in_at, erased_at) values
  ('', null, null, null, null), ('', '[]', '"x"', null, null), ('user_1', jsonb_build_object('x', repeat('x', 20000)), null, 'infinity', null), ('user_2', null, null, null, now());
