/**
 * The functions of pg_cron, pg_net and the vault that the schedule uses, as stubs: jobs are kept and never
 * run, requests are kept and never sent, secrets are in plain text. The real extensions need a hosted
 * project.
 */
export const stubbedExtensions = `
  create schema cron;
  create table cron.job (
    jobid bigint generated always as identity, jobname text unique, schedule text, command text,
    active boolean default true
  );
  create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as $$
    insert into cron.job (jobname, schedule, command) values ($1, $2, $3)
    on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command
    returning jobid
  $$;
  create schema net;
  create table net.sent (id bigint generated always as identity, url text, body jsonb, headers jsonb);
  create function net.http_post(
    url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds integer default 5000
  ) returns bigint language sql as $$
    insert into net.sent (url, body, headers) values ($1, $2, $4) returning id
  $$;
  create schema vault;
  create table vault.secrets (id uuid primary key default gen_random_uuid(), name text unique, secret text);
  create view vault.decrypted_secrets as
    select id, name, secret as decrypted_secret from vault.secrets;
  create function vault.create_secret(new_secret text, new_name text default null) returns uuid
  language sql as $$ insert into vault.secrets (secret, name) values ($1, $2) returning id $$;
  create function vault.update_secret(secret_id uuid, new_secret text default null) returns void
  language sql as $$ update vault.secrets set secret = $2 where id = $1 $$;
`;
