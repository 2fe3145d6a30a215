import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";
import { schema } from "./schema.ts";

/** A row as SQLite returns it. The caller must parse it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** The double's database: SQLite with one connection. Every call is synchronous. */
export interface Storage {
  all(sql: string, ...values: readonly SQLInputValue[]): Row[];
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  /** Runs a write. Returns the number of rows that it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  /**
   * Runs all writes of `work`, or none if it throws. Within another transaction, they are part of that
   * one.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens the database. Makes its tables if they are missing.
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
