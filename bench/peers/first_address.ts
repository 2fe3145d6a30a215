// The usual tutorial to the letter. It uses the first address as the user's:
// https://github.com/BU-Spark/se-asad-chatbot/pull/8
// https://github.com/gaaziyle/genno (supabase/functions/clerk-webhook)
// https://dev.to/nareshipme/building-toolnexus-wiring-clerk-auth-to-supabase-with-tdd-1acl
import { columnsOf, type Peer } from "./peer.ts";

export const firstAddress: Peer = {
  table: "bench_first_address",
  title: "upsert, hard delete, first address",
  async apply(event, { supabase }) {
    const users = supabase.from(this.table);
    if (event.type === "user.deleted") {
      await users.delete().eq("clerk_id", event.data.id).throwOnError();
      return;
    }
    const email = event.data.email_addresses[0]?.email_address ?? null;
    await users.upsert({ ...columnsOf(event.data), email }, { onConflict: "clerk_id" })
      .throwOnError();
  },
};
