import { type Sql, withEmptyDatabase } from "../support/database/connections.ts";
import { readMigrations } from "../support/database/migrations.ts";
import { addApplicationColumn, openConnection } from "./connections.ts";
import { mostWriters } from "./history.ts";

/**
 * Runs with a database that holds only the migrations, and a connection for each writer.
 *
 * @param change changes a migration's text
 */
export async function withScratchDatabase(
  run: (connections: readonly Sql[]) => Promise<void>,
  change: (migration: string) => string = (migration) => migration,
): Promise<void> {
  await withEmptyDatabase(async (sql) => {
    for (const migration of await readMigrations()) await sql.unsafe(change(migration));
    await sql.unsafe(addApplicationColumn);
    const [row] = await sql<{ name: string }[]>`select current_database() as name`;
    const connections = await Promise.all(
      Array.from({ length: mostWriters }, () => openConnection(row?.name)),
    );
    try {
      await run(connections);
    } finally {
      await Promise.all(connections.map((connection) => connection.end()));
    }
  });
}
