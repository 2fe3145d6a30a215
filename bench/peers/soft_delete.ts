// Marks the row instead of deleting it. This is the milder form: its upsert leaves the mark alone.
// https://github.com/seshnx/webapp-main (api/webhooks/clerk-user-sync.js)
// https://github.com/rfullivarri/innerbloomv3 (apps/api/src/webhooks)
import { columnsOf, type Peer } from "./peer.ts";

export const softDelete: Peer = {
  table: "bench_soft_delete",
  title: "upsert, soft delete",
  async apply(event, { supabase }) {
    const users = supabase.from(this.table);
    if (event.type === "user.deleted") {
      await users.update({ is_active: false }).eq("clerk_id", event.data.id).throwOnError();
      return;
    }
    await users.upsert(columnsOf(event.data), { onConflict: "clerk_id" }).throwOnError();
  },
};
