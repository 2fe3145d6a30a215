-- What becomes of facts, and what it means when the database refuses one.
--
-- Which of two facts is newer, also at equal times, and which is stale: known_users() and user_content() in
-- write_users.sql, and their likes for organizations and memberships.

set client_min_messages = warning;

do $$
begin
  create type clerk_sync.applied_facts as (outcomes text[], reasons text[]);
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.applied_facts is 'What became of the facts of a batch, in their order. Outcomes and reasons are as in apply_clerk_facts(). Reasons are null if there are none.';

do $$
begin
  create type clerk_sync.written as (created text[], updated text[]);
exception when duplicate_object then null;
end
$$;
comment on type clerk_sync.written is 'The Clerk ids of the rows that a statement created, and of those that it updated.';

create or replace function clerk_sync.is_outage(p_sqlstate text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Read-only, lock timeout, rollback, out of resources, shutdown, system error: the next fact would fail as well, but
  -- a retry may succeed.
  return p_sqlstate = any ('{25006,55P03}') or left(p_sqlstate, 2) = any ('{40,53,57,58}')
    -- Or a table of ours is missing.
    or p_sqlstate in ('42P01', '42883') and num_nulls(
      to_regclass('public.users'), to_regclass('public.organizations'),
      to_regclass('public.organization_memberships')
    ) > 0;
end
$$;
comment on function clerk_sync.is_outage(text) is 'Whether an error is about the database as a whole, not about the fact that met it.';

create or replace function clerk_sync.describe_refusal(
  p_sqlstate text, p_table text, p_column text, p_constraint text, p_context text
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The innermost function. If a trigger refused, it is the trigger's.
  v_function constant text := substring(p_context from 'function ([^\s(]+)\(');
begin
  return concat_ws(
    ' ', p_sqlstate,
    nullif(concat_ws('.', nullif(p_table, ''), nullif(p_column, '')), ''),
    nullif(p_constraint, ''),
    case when v_function not like 'clerk_sync.%' then 'in ' || v_function end
  );
end
$$;
comment on function clerk_sync.describe_refusal(text, text, text, text, text) is 'Says what refused a fact: SQLSTATE and the names of table, column, constraint and function, as far as the error has them. Leaves out its message, which may quote values.';

reset client_min_messages;
