import type { Sql } from "postgres";
import { apiKnows } from "../../tests/support/stack/known_tables.ts";
import type { Peer } from "../peers/peer.ts";

/** Creates every peer's table and functions, and waits until PostgREST knows them. */
export async function createPeerTables(
  sql: Sql,
  peers: readonly Peer[],
): Promise<void> {
  for (const { table, sql: more = "" } of peers) {
    await sql.unsafe(`
      create table public.${table} (
        clerk_id text primary key,
        email text,
        first_name text,
        last_name text,
        is_active boolean not null default true,
        clerk_updated_at timestamptz,
        synced_at timestamptz
      );
      alter table public.${table} enable row level security;
      grant all on public.${table} to service_role;
      ${more}
    `);
  }
  await sql`notify pgrst, 'reload schema'`;
  await apiKnows(peers.map(({ table }) => table));
}
