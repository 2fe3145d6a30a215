import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";
import { schema } from "./schema.ts";

/** A row as SQLite gives it, to be parsed by whoever asked for it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** The double's database: SQLite, one connection, every call synchronous. */
export interface Storage {
  all(sql: string, ...values: readonly SQLInputValue[]): Row[];
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  /** Runs a write and returns how many rows it touched. */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  /**
   * Runs the writes of `work` together: all of them, or none where it throws. Within another transaction it
   * is a part of that one.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the database, and makes its tables where there are none.
 *
 * @param path a file, or `:memory:`
 */
export function openStorage(path: string): Storage {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory",
  );
  database.exec(schema);
  const statements = new Map<string, StatementSync>();
  let isInTransaction = false;

  function prepared(sql: string): StatementSync {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  return {
    all: (sql, ...values) => prepared(sql).all(...values),
    get: (sql, ...values) => prepared(sql).get(...values),
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    transaction(work) {
      if (isInTransaction) return work();
      database.exec("begin immediate");
      isInTransaction = true;
      try {
        const result = work();
        database.exec("commit");
        return result;
      } catch (error) {
        database.exec("rollback");
        throw error;
      } finally {
        isInTransaction = false;
      }
    },
    close: () => database.close(),
  };
}
