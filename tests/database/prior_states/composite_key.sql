create table public.users (tenant int not null default 1, id int not null default 7, clerk_id text unique not null, email text, primary key (tenant, id, clerk_id));
insert into public.users (clerk_id, email) values ('user_1', 'a@x.c'), ('user_2', 'b@x.c');
