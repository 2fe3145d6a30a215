import postgres from "postgres";
import { parseDatabaseAddress } from "../database_address.ts";

/**
 * Where the tables of an installation are: the schema that its functions write to.
 *
 * @returns undefined where nothing is installed, or the database cannot be asked
 * @throws Error that says what is wrong with the address
 */
export async function readInstalledSchema(databaseUrl: string): Promise<string | undefined> {
  const { user, password, loopback } = parseDatabaseAddress(databaseUrl);
  const { hostname, port, pathname } = new URL(databaseUrl);
  // The driver takes what follows a colon for a port, and so no IPv6 address.
  if (hostname.startsWith("[")) return undefined;
  const sql = postgres({
    host: hostname,
    port: Number(port || 5432),
    database: pathname.slice(1) || "postgres",
    username: user,
    password,
    ssl: loopback ? false : "prefer",
    max: 1,
    onnotice: () => {},
    connect_timeout: 5,
  });
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

/**
 * Keeps what is generated for the repository, which names the tables in public, from being written without them.
 *
 * @throws Error with the way on where the tables are in another schema
 */
export async function requireTablesInPublic(databaseUrl: string): Promise<void> {
  const schema = await readInstalledSchema(databaseUrl) ?? "public";
  if (schema === "public") return;
  throw new Error(
    `The running stack has its tables in schema ${schema}, and this file is made from those in public. ` +
      "Start a stack without CLERK_SYNC_SCHEMA",
  );
}
