// The comparison of read_then_write.ts, but in the statement that writes, so nothing comes between.
import { type Peer, timedColumnsOf } from "./peer.ts";

/** SQL of a function that writes a user into a table if Clerk's time is newer. */
export function upsertWhereNewer(table: string): string {
  return `
    create function public.${table}_write(p_user jsonb) returns void
    language sql volatile set search_path = ''
    as $$
      insert into public.${table} as u (clerk_id, email, first_name, last_name, clerk_updated_at)
      select r.clerk_id, r.email, r.first_name, r.last_name, r.clerk_updated_at
      from jsonb_populate_record(null::public.${table}, p_user) as r
      on conflict (clerk_id) do update set
        email = excluded.email, first_name = excluded.first_name,
        last_name = excluded.last_name, clerk_updated_at = excluded.clerk_updated_at
      where u.clerk_updated_at < excluded.clerk_updated_at
    $$;`;
}

const table = "bench_where_newer";

export const whereNewer: Peer = {
  table,
  title: "upsert `where updated_at <`; soft delete",
  sql: upsertWhereNewer(table),
  async apply(event, { supabase }) {
    if (event.type === "user.deleted") {
      await supabase.from(table).update({ is_active: false }).eq("clerk_id", event.data.id)
        .throwOnError();
      return;
    }
    await supabase.rpc(`${table}_write`, { p_user: timedColumnsOf(event.data) }).throwOnError();
  },
};
