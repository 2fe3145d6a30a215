import { join } from "node:path";
import { ifPresent } from "../presence.ts";
import { askDatabase } from "./ask_database.ts";
import { readInstalledSchema } from "./installed_schema.ts";

/**
 * Whether a database's migration history has the project's migrations and no others, and the tables are in
 * the schema. The Supabase CLI, which takes a second of processor time to start, would then change nothing.
 *
 * @param project folder that contains `supabase/`
 */
export async function isUpToDate(
  databaseUrl: string,
  project: string,
  schema: string,
): Promise<boolean> {
  const folder = join(project, "supabase", "migrations");
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(folder))) ?? [];
  const versions = entries.flatMap(({ name }) => /^(\d+)_.*\.sql$/.exec(name)?.[1] ?? []);
  return await askDatabase(databaseUrl, async (sql) => {
    if (await readInstalledSchema(sql) !== schema) return false;
    const applied = await sql`select version from supabase_migrations.schema_migrations`;
    return String(applied.map(({ version }) => version).sort()) === String(versions.sort());
  }) ?? false;
}
