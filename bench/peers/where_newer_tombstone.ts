// The most careful handler that we found: it compares updated_at in the statement, and first locks
// and reads a table of deleted users. Here one SQL function is the transaction.
// https://github.com/The-Obstacle-Is-The-Way/naltrexone-university
// (src/adapters/controllers/clerk-webhook-controller.ts)
import { type Peer, timedColumnsOf } from "./peer.ts";
import { upsertWhereNewer } from "./where_newer.ts";

const table = "bench_tombstone";

export const whereNewerTombstone: Peer = {
  table,
  title: "upsert `where updated_at <`; tombstones in a table",
  sql: `
    ${upsertWhereNewer(table)}
    create table public.${table}_deleted (clerk_id text primary key);
    alter table public.${table}_deleted enable row level security;
    grant all on public.${table}_deleted to service_role;
    create function public.${table}_apply(p_clerk_id text, p_user jsonb) returns void
    language plpgsql volatile set search_path = ''
    as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended(p_clerk_id, 0));
      if p_user is null then
        insert into public.${table}_deleted (clerk_id) values (p_clerk_id) on conflict do nothing;
        delete from public.${table} where clerk_id = p_clerk_id;
      elsif not exists (select from public.${table}_deleted as d where d.clerk_id = p_clerk_id) then
        perform public.${table}_write(p_user);
      end if;
    end
    $$;`,
  async apply(event, { supabase }) {
    await supabase.rpc(`${table}_apply`, {
      p_clerk_id: event.data.id,
      p_user: event.type === "user.deleted" ? null : timedColumnsOf(event.data),
    }).throwOnError();
  },
};
