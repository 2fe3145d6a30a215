import postgres from "postgres";

/**
 * Where the tables of an installation are: the schema that its functions write to.
 *
 * @returns undefined where nothing is installed, or the database cannot be asked
 */
export async function readInstalledSchema(databaseUrl: string): Promise<string | undefined> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    const [row] = await sql`
      select substring(p.prosrc from 'insert into (\\w+)\\.users as c') as schema from pg_proc as p
      where p.proname = 'write_users' and p.pronamespace = to_regnamespace('clerk_sync')
    `;
    return row?.schema ?? undefined;
  } catch {
    // The Supabase CLI is asked next, and says what is wrong.
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
