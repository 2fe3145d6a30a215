create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create rule keep_users as on delete to public.users do instead nothing;
create rule note_users as on insert to public.users do also notify users;
