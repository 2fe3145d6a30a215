import type { Sql } from "postgres";
import { askDatabase } from "./ask_database.ts";

/** Where the tables of an installation are, or of one that broke off; undefined where nothing is installed. */
export async function readInstalledSchema(sql: Sql): Promise<string | undefined> {
  // The first table has it from its first migration on, also where the others failed.
  const [row] = await sql`
    select n.nspname as schema
    from pg_trigger as t
    join pg_class as c on c.oid = t.tgrelid
    join pg_namespace as n on n.oid = c.relnamespace
    join pg_proc as p on p.oid = t.tgfoid
    where t.tgname = 'users_stamp_updated_at' and t.tgparentid = 0
      and p.pronamespace = to_regnamespace('clerk_sync')
  `;
  return row?.schema;
}

/**
 * Whether a schema has tables already. Signed-in users may look into the schema of ours, so it must not be one that
 * an application uses.
 */
export async function hasTables(sql: Sql, schema: string): Promise<boolean> {
  const [row] = await sql`
    select exists (
      select from pg_class
      where relnamespace = to_regnamespace(${schema}) and relkind in ('r', 'p', 'v', 'm', 'f')
    ) as has_tables
  `;
  return row?.has_tables === true;
}

/**
 * Keeps what is generated for the repository, which names the tables in public, from being written without them.
 *
 * @throws Error with the way on where the tables are in another schema
 */
export async function requireTablesInPublic(databaseUrl: string): Promise<void> {
  const schema = await askDatabase(databaseUrl, readInstalledSchema) ?? "public";
  if (schema === "public") return;
  throw new Error(
    `The running stack has its tables in schema ${schema}, but this file is made from tables in public. ` +
      "Start a stack without CLERK_SYNC_SCHEMA",
  );
}
