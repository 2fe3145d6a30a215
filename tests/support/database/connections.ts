import postgres from "postgres";
import { runningStack } from "../stack/running_stack.ts";
import { tableSchema } from "../stack/table_schema.ts";
import { placeQueries } from "./placed_sql.ts";

export type Sql = postgres.Sql;
type Transaction = postgres.TransactionSql;

/** A connection to a database of the running stack, as the role that applies migrations. */
export async function connect(database?: string): Promise<Sql> {
  const url = new URL(runningStack().DB_URL);
  if (database) url.pathname = `/${database}`;
  const sql = await open(postgres(url.href, { max: 4, onnotice: () => {} }));
  return placeQueries(sql, tableSchema);
}

/**
 * Opens a first connection. The driver then asks which types are arrays. On a busy machine the answer can
 * be too late for the connection's first query, which would then send an array as plain text.
 */
export async function open(sql: Sql): Promise<Sql> {
  await sql`select`;
  return sql;
}

/** Runs with a connection of its own and closes it. */
export async function withSql<T>(run: (sql: Sql) => Promise<T>, database?: string): Promise<T> {
  const sql = await connect(database);
  try {
    return await run(sql);
  } finally {
    // Without a limit this would wait forever if the server ended the connection during a query.
    await sql.end({ timeout: 5 });
  }
}

class RolledBack extends Error {}

/** Runs in a transaction that is always rolled back, so that tests leave nothing behind. */
export async function rolledBack(run: (sql: Transaction) => Promise<void>): Promise<void> {
  await withSql(async (sql) => {
    await sql.begin(async (transaction) => {
      await run(transaction);
      throw new RolledBack();
    }).catch((error) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  });
}

/** Assumes an API role with a token's claims until the transaction ends, as PostgREST does. */
export async function become(
  sql: Transaction,
  role: "anon" | "authenticated" | "service_role",
  claims: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
  await sql.unsafe(`set local role ${role}`);
}

/** The SQLSTATE of a query's failure. The query is undone, so that the transaction can go on. */
export async function sqlState(
  sql: Transaction,
  run: (sql: Transaction) => Promise<unknown>,
): Promise<string | undefined> {
  try {
    await sql.savepoint(async (savepoint) => {
      await run(savepoint);
    });
    return undefined;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.code;
    throw error;
  }
}

/** Runs with an empty database that has everything the migrations need from Supabase. */
export async function withEmptyDatabase(run: (sql: Sql) => Promise<void>): Promise<void> {
  const name = `empty_${crypto.randomUUID().replaceAll("-", "")}`;
  await withSql(async (admin) => {
    await admin.unsafe(`create database ${name} template template0`);
    try {
      await withSql(async (sql) => {
        await sql.unsafe(`
          create schema auth;
          create function auth.jwt() returns jsonb language sql stable as $$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb
          $$;
        `);
        await run(sql);
      }, name);
    } finally {
      await admin.unsafe(`drop database ${name} with (force)`);
    }
  });
}
