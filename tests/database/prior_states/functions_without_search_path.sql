create function public.random_word() returns text language sql as $$ select md5(gen_random_uuid()::text) $$;
create table public.plans (name text primary key);
insert into public.plans values ('free');
-- Both find what they need by the search_path of whoever writes the row.
create function public.short_id() returns text language sql as $$ select substr(random_word(), 1, 12) $$;
create function public.is_plan(p_name text) returns boolean language plpgsql as $$
begin
  return exists (select from plans where name = p_name);
end
$$;
create table public.users (id text primary key default public.short_id(), clerk_id text unique not null, email text);
create table public.organizations (
  id uuid primary key default gen_random_uuid(), clerk_id text unique not null, is_active boolean,
  plan text not null default 'free' check (public.is_plan(plan))
);
insert into public.users (clerk_id) values ('user_1');
insert into public.organizations (clerk_id) values ('org_1');
