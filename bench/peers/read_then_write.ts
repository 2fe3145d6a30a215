// Stores Clerk's updated_at and compares it in the handler, which skips what is not newer. Many
// webhook guides advise this, such as https://docs.tolt.com/guides/sync-data
import { z } from "zod";
import { type Peer, timedColumnsOf } from "./peer.ts";

const stored = z.object({ clerk_updated_at: z.string() }).nullable();

export const readThenWrite: Peer = {
  table: "bench_read_then_write",
  title: "read `updated_at`, compare, upsert; soft delete",
  async apply(event, { supabase }) {
    const users = () => supabase.from(this.table);
    const { id } = event.data;
    if (event.type === "user.deleted") {
      await users().update({ is_active: false }).eq("clerk_id", id).throwOnError();
      return;
    }
    const { data } = await users().select("clerk_updated_at").eq("clerk_id", id).maybeSingle()
      .throwOnError();
    const row = stored.parse(data);
    if (row && Date.parse(row.clerk_updated_at) >= event.data.updated_at) return;
    await users().upsert(timedColumnsOf(event.data), { onConflict: "clerk_id" }).throwOnError();
  },
};
