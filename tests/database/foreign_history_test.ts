import assert from "node:assert/strict";
import { join } from "node:path";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { type Finished, run } from "../support/commands.ts";
import { type Sql, withEmptyDatabase, withSql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";

type Login = { user: string; password: string };

/** Runs with a database of its own, and the command that migrates it. */
async function withMigrate(
  test: (sql: Sql, migrate: (login?: Login) => Promise<Finished>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "foreign-history-" });
  try {
    await withEmptyDatabase(async (sql) => {
      const [row] = await sql<[{ name: string }]>`select current_database() as name`;
      const url = new URL(runningStack().DB_URL);
      url.pathname = `/${row.name}`;
      await test(sql, ({ user, password } = { user: url.username, password: url.password }) => {
        url.username = user;
        url.password = password;
        return run("migrate", {
          directory: join(folder, "local"),
          environment: { DB_CONNECTION_STRING: url.href, CLERK_SYNC_SCHEMA: "" },
        });
      });
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Creates the history as the Supabase CLI does, with these migrations. */
async function makeHistory(sql: Sql, migrations: Readonly<Record<string, string>>): Promise<void> {
  await sql.unsafe(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text
    );
  `);
  for (const [version, name] of Object.entries(migrations)) {
    await sql`insert into supabase_migrations.schema_migrations (version, name) values (${version}, ${name})`;
  }
}

/**
 * The history, and how many objects the database has. Temporary ones do not count: the server removes
 * those of an earlier connection some time after it has ended.
 */
async function readState(sql: Sql): Promise<unknown> {
  return await sql`
    with lasting as (select oid from pg_namespace where nspname !~ '^pg_(toast_)?temp_')
    select (select json_agg(h order by version) from supabase_migrations.schema_migrations as h) as history,
      (select count(*) from pg_class where relnamespace in (select oid from lasting)) as relations,
      (select count(*) from pg_proc where pronamespace in (select oid from lasting)) as functions,
      (select count(*) from lasting) as schemas
  `;
}

/** The versions in the history. */
async function readVersions(sql: Sql): Promise<string[]> {
  const rows = await sql<{ version: string }[]>`
    select version from supabase_migrations.schema_migrations order by version
  `;
  return rows.map(({ version }) => version);
}

const ours = ourMigrations.map((name) => name.slice(0, 14));

const refusal = (versions: string) =>
  `Nothing has been changed: the database's migration history has ${versions} not in ` +
  "supabase/migrations. An application migrates this database. Put these migrations among its own, " +
  "or upgrade them there, with: npx -y deno@2.9.6 task install ../my-app. Its own " +
  "`supabase db push` then applies them\n";

Deno.test("migrate leaves a database with an application's history alone, and points to install", () =>
  withMigrate(async (sql, migrate) => {
    await makeHistory(sql, { "20200101000000": "profiles" });
    const before = await readState(sql);
    assert.deepEqual(await migrate(), {
      code: 1,
      output: "",
      errors: refusal("1 version that is"),
    });
    assert.deepEqual(await readState(sql), before);
  }));

Deno.test("migrate leaves a database alone in which install has put these migrations", () =>
  withMigrate(async (sql, migrate) => {
    const installed = ourMigrations.map((name, index) => [
      String(20270101000000 + index),
      `clerk_sync_${name.slice(15, -4)}`,
    ]);
    await makeHistory(sql, { "20200101000000": "profiles", ...Object.fromEntries(installed) });
    const before = await readState(sql);
    assert.deepEqual(await migrate(), {
      code: 1,
      output: "",
      errors: refusal(`${ours.length + 1} versions that are`),
    });
    assert.deepEqual(await readState(sql), before);
  }));

Deno.test("migrate leaves a database alone to which an application has added its own migrations", () =>
  withMigrate(async (sql, migrate) => {
    const first = await migrate();
    assert.equal(first.code, 0, first.errors);
    assert.deepEqual(await readVersions(sql), ours);
    await makeHistory(sql, { "20200101000000": "profiles", "20990101000000": "notes" });
    // As if this version of the project had one more.
    await sql`delete from supabase_migrations.schema_migrations where version = ${
      ours.at(-1) ?? ""
    }`;
    const before = await readState(sql);
    assert.deepEqual(await migrate(), {
      code: 1,
      output: "",
      errors: refusal("2 versions that are"),
    });
    assert.deepEqual(await readState(sql), before);
  }));

Deno.test("migrate goes on with an empty history and with a part of its own", () =>
  withMigrate(async (sql, migrate) => {
    await makeHistory(sql, {});
    const first = await migrate();
    assert.equal(first.code, 0, first.errors);
    assert.deepEqual(await readVersions(sql), ours);
    await sql`delete from supabase_migrations.schema_migrations where version > ${ours[2] ?? ""}`;
    const second = await migrate();
    assert.equal(second.code, 0, second.errors);
    assert.deepEqual(await readVersions(sql), ours);
    assert.match((await migrate()).output, /is up to date/);
  }));

Deno.test("migrate names a user who may not read the migration history", async () => {
  const login = { user: `reader_${crypto.randomUUID().replaceAll("-", "")}`, password: "unlike" };
  await withSql((sql) =>
    sql.unsafe(`create role ${login.user} login password '${login.password}'`)
  );
  try {
    await withMigrate(async (sql, migrate) => {
      await makeHistory(sql, { "20200101000000": "profiles" });
      const answer = {
        code: 1,
        output: "",
        errors: `User ${login.user} may not read the database's migration history. ` +
          "Use the address of user postgres (in the dashboard: Connect)\n",
      };
      assert.deepEqual(await migrate(login), answer);
      await sql.unsafe(`grant usage on schema supabase_migrations to ${login.user}`);
      assert.deepEqual(await migrate(login), answer);
    });
  } finally {
    await withSql((sql) => sql.unsafe(`drop role ${login.user}`));
  }
});
