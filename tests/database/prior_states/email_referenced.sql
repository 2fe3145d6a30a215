create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text unique not null, username text, unique (clerk_id, username), unique (clerk_id, email));
create table public.posts (author_email text references public.users (email));
create table public.zeal (clerk_id text, username text, foreign key (clerk_id, username) references public.users (clerk_id, username));
create table public.followers (clerk_id text, email text, foreign key (clerk_id, email) references public.users (clerk_id, email) on update cascade);
