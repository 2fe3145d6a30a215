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

/** How many connections there are for roles that are no superuser. */
async function countConnections(sql: Sql): Promise<number> {
  const [row] = await sql`
    select current_setting('max_connections')::int
      - current_setting('superuser_reserved_connections')::int
      - current_setting('reserved_connections')::int as connections
  `;
  return Number(row?.connections);
}

/** Takes every connection that there is, PostgREST's too. */
export async function takeAllConnections(): Promise<Restore> {
  const first = connectOnce();
  const held: Sql[] = [first];

  /** False where there was none left. */
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
    // PostgREST would take what it has just lost: until we have everything it gets none.
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

/** Runs statements as the role that applies migrations, and others to undo them. */
export async function change(done: string, undone: string): Promise<Restore> {
  await withSql((sql) => sql.unsafe(done));
  return async () => {
    await withSql((sql) => sql.unsafe(undone));
  };
}

/** Makes transactions read-only that do not say what they are to be. */
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

/** Restarts PostgreSQL as a standby that has lost its primary: nobody can write, whatever they say. */
export async function makeStandby({ postgres, directory }: RunningStack): Promise<Restore> {
  const signal = `${directory}/postgres/data/standby.signal`;
  await Deno.writeTextFile(signal, "", { mode: 0o666 });
  // It is never ready as the supervisor has it, and is given half a minute to be.
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
