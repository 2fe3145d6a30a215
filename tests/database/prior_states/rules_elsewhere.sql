create table public.users (id uuid default gen_random_uuid() primary key, clerk_id text unique not null, email text);
create table public.signups (clerk_id text, email text);
create rule also as on insert to public.signups do also insert into public.users (clerk_id, email) values (new.clerk_id, new.email);
create view public.my_signups with (security_invoker = true) as select * from public.signups;
create view public.addresses with (security_invoker = true) as select clerk_id, upper(email) as email from public.users;
create rule "change address" as on update to public.addresses do instead update public.users set email = new.email where clerk_id = old.clerk_id;
create table public.kept (clerk_id text);
revoke all on public.kept from anon, authenticated;
create rule keep as on insert to public.kept do also insert into public.users (clerk_id) values (new.clerk_id);
