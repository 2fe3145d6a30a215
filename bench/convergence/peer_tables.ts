import type { Sql } from "postgres";
import type { StackValues } from "../../local/values.ts";
import type { Peer } from "../peers/peer.ts";

/** How long PostgREST may take to notice new tables, in ms. */
const patience = 30_000;

/** Makes every peer's table and functions, and waits until PostgREST knows them. */
export async function createPeerTables(
  sql: Sql,
  peers: readonly Peer[],
  values: StackValues,
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
  const deadline = Date.now() + patience;
  while (!await knowsAll(peers, values)) {
    if (Date.now() > deadline) throw new Error("PostgREST does not notice the peers' tables");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** PostgREST's root describes all that it knows, and learns all at once. */
async function knowsAll(peers: readonly Peer[], { API_URL, SERVICE_ROLE_KEY }: StackValues) {
  const response = await fetch(`${API_URL}/rest/v1/`, {
    headers: { apikey: SERVICE_ROLE_KEY, authorization: `Bearer ${SERVICE_ROLE_KEY}` },
  });
  const description = await response.text();
  return peers.every(({ table }) => description.includes(`"/${table}"`));
}
