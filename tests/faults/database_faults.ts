import postgres from "postgres";
import type { RunningStack } from "../../local/stack.ts";
import { type Sql, withSql } from "../support/database/connections.ts";
import { eventually } from "../support/eventually.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import type { Restore } from "./parts.ts";

function connectOnce(): Sql {
  return postgres(runningStack().DB_URL, { max: 1, onnotice: () => {} });
}

/** Ends PostgREST's sessions, so that it needs new ones. */
async function endSessions(sql: Sql): Promise<void> {
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'
  `;
}

/** The number of connections for roles that are not superusers. */
async function countConnections(sql: Sql): Promise<number> {
  const [row] = await sql`
    select current_setting('max_connections')::int
      - current_setting('superuser_reserved_connections')::int
      - current_setting('reserved_connections')::int as connections
  `;
  return Number(row?.connections);
}

/** Takes all connections, including PostgREST's. */
export async function takeAllConnections(): Promise<Restore> {
  const first = connectOnce();
  const held: Sql[] = [first];

  /** Returns false if none was left. */
  async function takeOne(): Promise<boolean> {
    const sql = connectOnce();
    try {
      await sql`select 1`;
      held.push(sql);
      return true;
    } catch (error) {
      await sql.end();
      if (error instanceof postgres.PostgresError && error.code === "53300") return false;
      throw error;
    }
  }

  async function giveBack() {
    await Promise.all(held.map((sql) => sql.end()));
  }

  try {
    const all = await countConnections(first);
    // PostgREST gets no connection until we have all, because it would take back those that it lost.
    await first`alter role authenticator connection limit 0`;
    try {
      await endSessions(first);
      while (held.length < all) await eventually("an ended session is gone", takeOne);
    } finally {
      await first`alter role authenticator connection limit -1`;
    }
  } catch (error) {
    await giveBack();
    throw error;
  }
  return giveBack;
}

/** Runs statements as the role that applies migrations, and others to restore. */
export async function change(done: string, undone: string): Promise<Restore> {
  await withSql((sql) => sql.unsafe(done));
  return async () => {
    await withSql((sql) => sql.unsafe(undone));
  };
}

/** Makes transactions read-only by default. */
export async function defaultToReadOnly(): Promise<Restore> {
  const set = (value: string) =>
    withSql(async (sql) => {
      await sql`set session characteristics as transaction read write`;
      await sql.unsafe(`alter database postgres set default_transaction_read_only = ${value}`);
      await endSessions(sql);
    });
  await set("on");
  return () => set("off");
}

/** Restarts PostgreSQL as a standby without a primary, to which nobody can write. */
export async function makeStandby({ postgres, directory }: RunningStack): Promise<Restore> {
  const signal = `${directory}/postgres/data/standby.signal`;
  await Deno.writeTextFile(signal, "", { mode: 0o666 });
  // The supervisor waits half a minute for it, but never finds it ready.
  const restarted = postgres.restart().catch(() => {});
  await eventually("a standby answers", isStandby);
  return async () => {
    await Deno.remove(signal);
    await postgres.restart();
    await restarted;
  };
}

async function isStandby(): Promise<boolean> {
  try {
    return await withSql(async (sql) => {
      const [row] = await sql`select pg_is_in_recovery() as standby`;
      return row?.standby === true;
    });
  } catch {
    return false;
  }
}
