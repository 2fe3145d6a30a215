import postgres, { type Sql } from "postgres";
import { parseDatabaseAddress } from "../database_address.ts";

/**
 * Asks a database something before or after the Supabase CLI works on it.
 *
 * @returns undefined where it cannot be asked: the CLI is asked next, and says what is wrong
 * @throws Error that says what is wrong with the address
 */
export async function askDatabase<Answer>(
  databaseUrl: string,
  ask: (sql: Sql) => Promise<Answer>,
): Promise<Answer | undefined> {
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
    return await ask(sql);
  } catch {
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
