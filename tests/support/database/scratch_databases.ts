import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { loadKeys } from "../../../local/keys/keys.ts";
import { readEnvironment } from "../../../local/options.ts";
import { runningStack } from "../stack/running_stack.ts";
import type { Sql } from "./connections.ts";

/** A database of the stack's cluster that is like a hosted one without this project. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly name: string;
  /** A connection as `postgres`. */
  readonly sql: Sql;
}

/** Makes databases from one template. */
export interface ScratchDatabases extends AsyncDisposable {
  /**
   * @param setup SQL to run first as `postgres`, or as the role that a line `\c - NAME` or a first line
   * `--role NAME` says
   */
  make(setup?: string): Promise<ScratchDatabase>;
}

/** @param roles that setups make. They belong to the cluster, not to a database, and are dropped with it */
export async function createScratchDatabases(
  roles: readonly string[] = [],
): Promise<ScratchDatabases> {
  const { DB_URL } = runningStack();
  const { databaseAdminPassword } = await loadKeys(readEnvironment().directory);
  const open = (user: string, password: string, database: string) => {
    const url = new URL(DB_URL);
    Object.assign(url, { username: user, password, pathname: `/${database}` });
    return postgres(url.href, { max: 1, onnotice: () => {}, max_lifetime: null });
  };
  const asAdmin = async (database: string, run: (sql: Sql) => Promise<unknown>) => {
    const sql = open("supabase_admin", databaseAdminPassword, database);
    try {
      await run(sql);
    } finally {
      await sql.end({ timeout: 5 });
    }
  };
  // Kept, because a connection costs both sides a key derivation.
  const admin = open("supabase_admin", databaseAdminPassword, "postgres");
  const drop = async (name: string) => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    for (const role of roles) await admin.unsafe(`drop role if exists ${role}`);
  };

  const template = nameDatabase();
  await admin.unsafe(`create database ${template} template template0 owner postgres`);
  await asAdmin(template, async (sql) => void await sql.unsafe(await readPrelude()));

  return {
    async make(setup = "") {
      const name = nameDatabase();
      await admin.unsafe(`create database ${name} template ${template} owner postgres`);
      if (setup !== "") {
        await asAdmin(name, async (sql) => {
          for (const { role, statements } of splitByRole(setup)) {
            await sql.unsafe(`set role ${role}`);
            await sql.unsafe(statements);
          }
        });
      }
      const sql = open("postgres", "postgres", name);
      return {
        name,
        sql,
        async [Symbol.asyncDispose]() {
          await sql.end({ timeout: 5 });
          await drop(name);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await drop(template);
      await admin.end({ timeout: 5 });
    },
  };
}

function nameDatabase(): string {
  return `scratch_${randomUUID().replaceAll("-", "")}`;
}

/** Splits where the role changes: at psql's `\c - NAME`, and at a first line `--role NAME`. */
function splitByRole(text: string): { role: string; statements: string }[] {
  return text.split(/^(?=\\c - |--role )/m).map((part) => {
    const role = part.match(/^(?:\\c - |--role )(.*)\n/);
    return {
      role: role?.[1] ?? "postgres",
      statements: part.slice(role?.[0].length ?? 0),
    };
  });
}

/** What the platform's init scripts make in a database, and its table of accounts. */
async function readPrelude(): Promise<string> {
  const script = await Deno.readTextFile(
    new URL("../../../local/postgres/supabase_roles.sql", import.meta.url),
  );
  const begin = script.indexOf("-- Schema public ---");
  const end = script.indexOf("-- Database ---");
  if (begin < 0 || end < begin) throw new Error("supabase_roles.sql has other headings now");
  return `${script.slice(begin, end)}
    -- As in older projects, since a project with tables is an older one.
    alter default privileges for role postgres in schema public
      grant all on tables to anon, authenticated, service_role;
    create table auth.users (id uuid primary key);
    grant all on auth.users to postgres;
  `;
}
