// Upserts on user.created and user.updated, deletes on user.deleted, uses the primary address:
// https://clerk.com/articles/how-to-sync-clerk-user-data-to-your-database
// https://getlaunchpad.net/blog/clerk-webhooks-nextjs
import { columnsOf, type Peer } from "./peer.ts";

export const hardDelete: Peer = {
  table: "bench_hard_delete",
  title: "upsert, hard delete",
  async apply(event, { supabase }) {
    const users = supabase.from(this.table);
    if (event.type === "user.deleted") {
      await users.delete().eq("clerk_id", event.data.id).throwOnError();
      return;
    }
    await users.upsert(columnsOf(event.data), { onConflict: "clerk_id" }).throwOnError();
  },
};
