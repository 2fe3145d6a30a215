// Clerk's own guide for Supabase: insert on user.created, update on user.updated. Each must return
// a single row, so an update that finds no row is an error and comes again. The guide leaves out
// deletion; the handlers made from it delete.
// https://clerk.com/blog/sync-clerk-user-data-to-supabase
import { columnsOf, type Peer } from "./peer.ts";

export const insertUpdate: Peer = {
  table: "bench_insert_update",
  title: "insert, update, hard delete",
  async apply(event, { supabase }) {
    const users = supabase.from(this.table);
    switch (event.type) {
      case "user.created":
        await users.insert(columnsOf(event.data)).select().single().throwOnError();
        break;
      case "user.updated":
        await users.update(columnsOf(event.data)).eq("clerk_id", event.data.id)
          .select().single().throwOnError();
        break;
      case "user.deleted":
        await users.delete().eq("clerk_id", event.data.id).throwOnError();
    }
  },
};
