// The idea of stripe/sync-engine, for Clerk: every write, deletions included, carries the time of
// what it knows, and goes through only if the row's time is earlier. The time is the event's own.
// If the object is read from the API, again or for a backfill, it is the reader's clock. Here
// Clerk's event time is the time of the change, to the millisecond: the best case for this handler.
// https://github.com/stripe/sync-engine (packages/sync-engine/src/database/postgres.ts and
// stripeSync.ts, getSyncTimestamp)
import { columnsOf, type Peer, type PeerResources, type PeerUser } from "./peer.ts";

const eventTimeTable = "bench_event_time";
const ownClockTable = "bench_own_clock";

/** SQL of a function that writes a user, or the deletion, if the row was synced earlier. */
function upsertWhereEarlier(table: string): string {
  return `
    create function public.${table}_write(p_user jsonb) returns void
    language sql volatile set search_path = ''
    as $$
      insert into public.${table} as u (clerk_id, email, first_name, last_name, is_active, synced_at)
      select r.clerk_id, r.email, r.first_name, r.last_name, r.is_active, r.synced_at
      from jsonb_populate_record(null::public.${table}, p_user) as r
      on conflict (clerk_id) do update set
        email = excluded.email, first_name = excluded.first_name, last_name = excluded.last_name,
        is_active = excluded.is_active, synced_at = excluded.synced_at
      where u.synced_at < excluded.synced_at
    $$;`;
}

async function write(
  table: string,
  { supabase }: PeerResources,
  clerkId: string,
  user: PeerUser | null,
  syncedAt: number,
) {
  await supabase.rpc(`${table}_write`, {
    p_user: {
      ...(user ? columnsOf(user) : { clerk_id: clerkId }),
      is_active: user !== null,
      synced_at: new Date(syncedAt).toISOString(),
    },
  }).throwOnError();
}

export const eventTime: Peer = {
  table: eventTimeTable,
  title: "upsert `where synced_at <` the event's time",
  sql: upsertWhereEarlier(eventTimeTable),
  async apply(event, resources) {
    const user = event.type === "user.deleted" ? null : event.data;
    await write(eventTimeTable, resources, event.data.id, user, event.timestamp);
  },
};

export const ownClock: Peer = {
  table: ownClockTable,
  title: "read again from Clerk, upsert `where synced_at <` own clock",
  sql: upsertWhereEarlier(ownClockTable),
  async apply(event, resources) {
    const { id } = event.data;
    const user = event.type === "user.deleted" ? null : await resources.readUser(id);
    await write(ownClockTable, resources, id, user, Date.now());
  },
};
