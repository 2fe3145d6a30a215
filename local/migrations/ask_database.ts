import postgres, { type Sql } from "postgres";
import { parseDatabaseAddress } from "../database_address.ts";

/**
 * Queries a database before or after the Supabase CLI works on it.
 *
 * @returns undefined if the query fails. The CLI will then say what is wrong
 * @throws Error that says what is wrong with the address
 */
export async function askDatabase<Answer>(
  databaseUrl: string,
  ask: (sql: Sql) => Promise<Answer>,
): Promise<Answer | undefined> {
  const { user, password, loopback } = parseDatabaseAddress(databaseUrl);
  const { hostname, port, pathname } = new URL(databaseUrl);
  // The driver cannot take an IPv6 address: it reads what follows a colon as the port.
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
