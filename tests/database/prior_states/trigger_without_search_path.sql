create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text, stamp text);
create table public.profiles (user_id uuid references public.users (id), email text);
-- Both find what they need by the search_path of whoever writes the row.
create function public.make_profile() returns trigger language plpgsql security definer as $$
begin
  insert into profiles values (new.id, new.email);
  return new;
end
$$;
create trigger make_profile after insert on public.users for each row execute function public.make_profile();
create function public.make_stamp() returns text language sql as 'select gen_random_uuid()::text';
create function public.stamp() returns trigger language plpgsql as $$
begin
  new.stamp := make_stamp();
  return new;
end
$$;
create trigger stamp before insert or update on public.users for each row execute function public.stamp();
