create function public.check_request() returns void language plpgsql as $$ begin perform set_config('request.checked','1',true); end $$;
\c - supabase_admin
do $$ begin execute format('alter role authenticator in database %I set pgrst.db_pre_request = ''public.check_request''', current_database()); end $$;
