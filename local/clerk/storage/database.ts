import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";

/** A row as SQLite hands it out, to be parsed by whoever asked for it. */
export type Row = Record<string, SQLOutputValue>;

/** The double's database: SQLite, one connection, every call synchronous. */
export interface Storage {
  all(sql: string, ...values: SQLInputValue[]): Row[];
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Runs a write and tells how many rows it touched. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** Runs the writes of `work` together: all of them, or none where it throws. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * `document` is the truth; the other columns of its table are generated from it, so that
 * they can be indexed and never disagree with it. `identifiers` holds what must be unique among
 * users.
 */
const SCHEMA = `
  create table if not exists users (
    id text primary key,
    document text not null,
    created_at integer generated always as (document ->> 'created_at') virtual,
    updated_at integer generated always as (document ->> 'updated_at') virtual,
    username text generated always as (document ->> 'username') virtual
  ) without rowid;
  create index if not exists users_created_at on users (created_at, id);
  create index if not exists users_updated_at on users (updated_at, id);

  create table if not exists raw_users (
    id text primary key,
    json text not null
  ) without rowid;

  create table if not exists identifiers (
    kind text not null,
    value text not null,
    holder_id text not null,
    primary key (kind, value)
  ) without rowid;
  create index if not exists identifiers_holder_id on identifiers (holder_id);

  create table if not exists organizations (
    id text primary key,
    document text not null,
    name text generated always as (document ->> 'name') virtual,
    slug text generated always as (document ->> 'slug') virtual,
    created_at integer generated always as (document ->> 'created_at') virtual
  ) without rowid;
  create unique index if not exists organizations_slug on organizations (slug);
  create index if not exists organizations_created_at on organizations (created_at, id);

  create table if not exists memberships (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    user_id text not null references users (id) on delete cascade,
    document text not null,
    created_at integer generated always as (document ->> 'created_at') virtual
  ) without rowid;
  create unique index if not exists memberships_members on memberships (organization_id, user_id);
  create index if not exists memberships_user_id on memberships (user_id, created_at, id);
  create index if not exists memberships_created_at on memberships (created_at, id);

  create table if not exists sessions (
    id text primary key,
    document text not null,
    user_id text generated always as (document ->> 'user_id') virtual,
    status text generated always as (document ->> 'status') virtual
  ) without rowid;
  create index if not exists sessions_user_id on sessions (user_id);

  create table if not exists messages (
    sequence integer primary key autoincrement,
    id text not null unique,
    type text not null,
    user_id text,
    payload text not null,
    status text not null check (status in ('pending', 'delivered', 'failed')),
    created_at integer not null,
    next_attempt_at integer,
    attempts integer not null default 0
  );
  create index if not exists messages_due on messages (next_attempt_at) where status = 'pending';
  create index if not exists messages_status on messages (status);
  create index if not exists messages_user_id on messages (user_id, sequence);

  create table if not exists attempts (
    id text primary key,
    message_id text not null,
    at integer not null,
    url text not null,
    status integer,
    error text,
    ms integer not null,
    response text not null
  ) without rowid;
  create index if not exists attempts_message_id on attempts (message_id, at);
`;

/**
 * Opens the database, and makes its tables where there are none.
 *
 * @param path A file, or `:memory:`.
 */
export function openStorage(path: string): Storage {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory",
  );
  database.exec(SCHEMA);
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    all: (sql, ...values) => prepared(sql).all(...values),
    get: (sql, ...values) => prepared(sql).get(...values),
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    transaction(work) {
      database.exec("begin immediate");
      try {
        const result = work();
        database.exec("commit");
        return result;
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
