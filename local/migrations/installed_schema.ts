import type { Sql } from "postgres";
import { askDatabase } from "./ask_database.ts";

/** The schema of the installed tables, even if the installation broke off; undefined if nothing is installed. */
export async function readInstalledSchema(sql: Sql): Promise<string | undefined> {
  // The first migration of the first table makes this trigger, so it exists even if later ones failed.
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
 * Whether a schema already has tables. Signed-in users get usage on the schema of our tables, so it must not be one
 * that an application uses.
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
 * Refuses to generate the repository's files, which describe tables in public, from tables in another schema.
 *
 * @throws Error with what to do if the tables are in another schema
 */
export async function requireTablesInPublic(databaseUrl: string): Promise<void> {
  const schema = await askDatabase(databaseUrl, readInstalledSchema) ?? "public";
  if (schema === "public") return;
  throw new Error(
    `The running stack has its tables in schema ${schema}, but this file is made from tables in public. ` +
      "Start a stack without CLERK_SYNC_SCHEMA",
  );
}
