import type { Sql } from "../support/database/connections.ts";

/** How many transactions of the functions and the API wait for a lock. */
export async function waiting(sql: Sql): Promise<number> {
  const rows = await sql`
    select pid from pg_stat_activity where wait_event_type = 'Lock' and usename = 'authenticator'
  `;
  return rows.length;
}
