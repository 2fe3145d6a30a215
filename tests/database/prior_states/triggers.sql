\c - supabase_admin
create extension if not exists moddatetime schema extensions;
\c - postgres
create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, updated_at timestamptz default now());
create trigger handle_updated_at before update on public.users for each row execute procedure extensions.moddatetime(updated_at);
create table public.profiles(user_id uuid references public.users(id) on delete cascade);
create function public.handle_new_user() returns trigger language plpgsql security definer set search_path='' as $$ begin insert into public.profiles(user_id) values (new.id); return new; end $$;
create trigger on_user_created after insert on public.users for each row execute function public.handle_new_user();
