create table public.users (id uuid default gen_random_uuid(), tenant int not null, clerk_id text, email text, phone bigint not null default 5, primary key (tenant, id));
create function public.lower_email() returns trigger language plpgsql as $$ begin new.email := lower(new.email); return new; end $$;
create trigger lower_email before insert on public.users for each row execute function public.lower_email();
create function public.refuse_update() returns trigger language plpgsql as $$ begin raise exception 'No'; end $$;
create trigger refuse_update before update on public.users for each row execute function public.refuse_update();
insert into public.users (tenant, clerk_id) values (1, 'user_1'), (2, 'user_1');
