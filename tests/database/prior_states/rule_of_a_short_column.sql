create table public.users (id uuid default gen_random_uuid() primary key, clerk_id varchar(255) unique not null, email varchar(255));
create table public.sign_ups (clerk_id text);
create rule known as on insert to public.sign_ups where exists (select from public.users as u where u.clerk_id = new.clerk_id) do instead nothing;
