import type { Sql } from "postgres";

/** The peers' table. */
export const peerTable = "bench_users";

/** Creates the peers' table: the columns and indexes of users, but no checks, triggers or ledger. */
export async function createPeerTable(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table public.${peerTable} (like public.users including all excluding constraints);
    alter table public.${peerTable} enable row level security;
    grant select, insert, update, delete on public.${peerTable} to service_role;
    notify pgrst, 'reload schema';
  `);
}

/** Fills the tables of users and the ledger with as many rows, vacuumed and analyzed. */
export async function fill(sql: Sql, rows: number): Promise<void> {
  for (const table of ["users", peerTable]) {
    await sql.unsafe(`
      truncate public.${table};
      insert into public.${table} (clerk_id, email, first_name, clerk_created_at, clerk_updated_at)
      select 'user_' || i, 'user' || i || '@example.com', 'Ada', '2026-01-01', '2026-01-01'
      from generate_series(0, ${rows - 1}) as i;
    `);
  }
  await sql.unsafe(`
    truncate public.clerk_deliveries;
    insert into public.clerk_deliveries (delivery_id, event_type, subject, occurred_at, outcome)
    select 'msg_' || i, 'user.created', 'user_' || i, '2026-01-01', 'created'
    from generate_series(0, ${rows - 1}) as i;
  `);
  await settle(sql);
}

/** The ids of some of the users that fill() made, from everywhere in the table. */
export function someUsers(rows: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user_${(index * 7919) % rows}`);
}

/** How many users of a run there are. */
export async function countRun(sql: Sql, table: string, run: string): Promise<number> {
  const [row] = await sql`
    select count(*)::int as users from ${sql(table)} where starts_with(clerk_id, ${`user_${run}_`})
  `;
  return Number(row?.users);
}

/** Removes the users of a run, so that the next one finds the tables as they were. */
export async function removeRun(sql: Sql, table: string, run: string): Promise<void> {
  await sql`delete from ${sql(table)} where starts_with(clerk_id, ${`user_${run}_`})`;
  await sql`delete from public.clerk_deliveries where starts_with(subject, ${`user_${run}_`})`;
  await settle(sql);
}

/** So that neither a vacuum nor a checkpoint of what was before falls into a measurement. */
async function settle(sql: Sql): Promise<void> {
  for (const table of ["users", peerTable, "clerk_deliveries"]) {
    await sql.unsafe(`vacuum analyze public.${table}`);
  }
  await sql.unsafe("checkpoint");
}
