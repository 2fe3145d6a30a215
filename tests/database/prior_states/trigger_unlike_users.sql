create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text, updated_by uuid);
create table public.audit_log (id bigint generated always as identity primary key, who text, at timestamptz default now());
alter table public.audit_log enable row level security;
create function public.audit() returns trigger language plpgsql set search_path = '' as $$ begin insert into public.audit_log (who) values (new.clerk_id); return new; end $$;
create trigger audit after update on public.users for each row execute function public.audit();
create function public.stamp_updater() returns trigger language plpgsql set search_path = '' as $$ begin new.updated_by := auth.uid(); return new; end $$;
create trigger stamp_updater before update on public.users for each row execute function public.stamp_updater();
