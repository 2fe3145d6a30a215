import type { Sql, TransactionSql } from "postgres";
import type { TimedFact } from "./facts.ts";

const columns = [
  ["clerk_id", "text"],
  ["email", "text"],
  ["email_verified", "boolean"],
  ["first_name", "text"],
  ["last_name", "text"],
  ["username", "text"],
  ["image_url", "text"],
  ["phone", "text"],
  ["external_id", "text"],
  ["public_metadata", "jsonb"],
  ["banned", "boolean"],
  ["locked", "boolean"],
  ["last_sign_in_at", "timestamptz"],
  ["clerk_created_at", "timestamptz"],
  ["clerk_updated_at", "timestamptz"],
] as const;
const names = columns.map(([name]) => name).join(", ");
const record = columns.map(([name, type]) => `${name} ${type}`).join(", ");
const assignments = columns.slice(1).map(([name]) => `${name} = excluded.${name}`).join(", ");

/** What PostgREST makes of supabase-js' upsert: no guard, no ledger. */
const upsert = `
  insert into public.bare (${names})
  select ${names} from jsonb_to_recordset($1::text::jsonb) as fact (${record})
  on conflict (clerk_id) do update set ${assignments}
`;

/** Creates a table with the columns, indexes and constraints of users, but without its triggers. */
export async function createTables(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table public.bare (like public.users including all);
    alter table public.bare enable row level security;
    grant select, insert, update, delete on public.bare to service_role;
  `);
}

/** Fills both tables with `user_0` to `user_N`, vacuumed and analyzed like long-lived tables. */
export async function fill(sql: Sql, rows: number): Promise<void> {
  for (const table of ["users", "bare"]) {
    await sql.unsafe(`
      truncate public.${table};
      insert into public.${table} (clerk_id, email, first_name, clerk_created_at, clerk_updated_at)
      select 'user_' || i, 'user' || i || '@example.com', 'Ada', '2026-01-01', '2026-01-01'
      from generate_series(0, ${rows - 1}) as i;
    `);
    await sql.unsafe(`vacuum analyze public.${table}`);
  }
}

/** @returns how many rows it wrote */
export async function bareUpsert(
  sql: TransactionSql,
  facts: readonly TimedFact[],
): Promise<number> {
  const { count } = await sql.unsafe(upsert, [JSON.stringify(facts)], { prepare: true });
  return count;
}
