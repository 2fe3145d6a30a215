import postgres from "postgres";
import { askDatabase } from "../../local/migrations/ask_database.ts";

/** What a database says about an installation before anything is changed. */
export type DatabaseAnswer = {
  /** The versions that its migration history has. */
  readonly versions: readonly string[];
  /** Why the migrations would refuse it; undefined if they would not. */
  readonly refusal?: string;
};

/**
 * Reads a database's migration history and lets the preflight look at it. Everything is rolled back.
 *
 * @param preflight the first migration, with its tables in their schema
 * @throws Error if the database does not answer
 */
export async function askAhead(databaseUrl: string, preflight: string): Promise<DatabaseAnswer> {
  const answer = await askDatabase(databaseUrl, async (sql) => {
    const [{ exists } = { exists: false }] = await sql<{ exists: boolean }[]>`
      select to_regclass('supabase_migrations.schema_migrations') is not null as exists
    `;
    const rows = exists
      ? await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`
      : [];
    const refusal = await sql.begin(async (transaction) => {
      await transaction`set local lock_timeout = '5s'`;
      await transaction.unsafe(preflight);
      throw new RolledBack();
    }).catch(explain);
    return { versions: rows.map(({ version }) => version), refusal };
  });
  if (answer === undefined) {
    throw new Error(
      "The database that DB_CONNECTION_STRING names does not answer. Check the address and the " +
        "password, or leave the variable out to install without a look at the database",
    );
  }
  return answer;
}

class RolledBack extends Error {}

function explain(error: unknown): string | undefined {
  if (error instanceof RolledBack) return undefined;
  if (error instanceof postgres.PostgresError) return error.message;
  throw error;
}
