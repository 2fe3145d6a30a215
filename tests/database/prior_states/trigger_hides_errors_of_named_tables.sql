create table public.profiles (user_id uuid primary key);
create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique not null, email text);
create function public.make_profile() returns trigger language plpgsql security definer as $$
begin
  insert into public.profiles (user_id) values (new.id);
  return new;
exception
  when others then
    raise warning 'No profile: %', sqlerrm;
    return new;
end
$$;
create trigger make_profile after insert on public.users for each row execute function public.make_profile();
