import assert from "node:assert/strict";
import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { pushMigrations, type PushOutcome } from "../../local/migrations/push.ts";
import { checkout } from "../../local/options.ts";
import { type Sql, withEmptyDatabase } from "../support/database/connections.ts";
import { readMigrations } from "../support/database/migrations.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Runs with a database of its own, and a function that pushes the migrations into it. */
async function withPush(
  run: (sql: Sql, push: (schema?: string) => Promise<PushOutcome>) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "push-messages-" });
  try {
    const file = await locateSupabaseCli({
      directory: await binariesDirectory(checkout, home),
      print: () => {},
    });
    await withEmptyDatabase(async (sql) => {
      const [row] = await sql<[{ name: string }]>`select current_database() as name`;
      const url = new URL(runningStack().DB_URL);
      url.pathname = `/${row.name}`;
      await run(sql, (schema) =>
        pushMigrations({
          file,
          home: join(home, "cli"),
          project: checkout,
          databaseUrl: url.href,
          ...(schema === undefined ? {} : { schema }),
        }));
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("a refused push lists the obstacles and nothing else", () =>
  withPush(async (sql, push) => {
    await sql.unsafe(`
      create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique, email text unique);
      create table public.organizations (id uuid primary key, name text);
    `);
    const { success, output } = await push();
    assert.equal(success, false);
    const lines = output.split("\n");
    assert.match(lines[0] ?? "", /^Clerk's tables cannot be set up .* Nothing has been changed/);
    assert.deepEqual(
      lines.filter((line) => /^\d\. /.test(line)).map((line) => line.slice(0, 47)),
      [
        "1. public.organizations: has no column clerk_id",
        "2. public.users: unique constraint users_email_",
      ],
    );
    assert.equal(lines.length, 6, output);
    const [left] = await sql`
      select to_regclass('public.organization_memberships') is null and to_regnamespace('clerk_sync') is null as nothing
    `;
    assert.equal(left?.nothing, true);
  }));

Deno.test("a push that takes a database over says which columns users cannot read, once", () =>
  withPush(async (sql, push) => {
    await sql.unsafe(`
      create table public.users (clerk_id text unique, bio text, score integer);
      alter table public.users enable row level security;
      grant select on public.users to authenticated;
    `);
    const warned = (text: string) =>
      text.split("\n").filter((line) => line.startsWith("Users cannot read"));
    const { output } = await push();
    assert.deepEqual(warned(output), [
      'Users cannot read bio, score of public.users, so their "select *" fails. ' +
      "To let them: grant select on public.users to authenticated",
    ]);
    await sql`delete from supabase_migrations.schema_migrations where version = (
      select max(version) from supabase_migrations.schema_migrations
    )`;
    assert.deepEqual(warned((await push()).output), []);
  }));

Deno.test("a push that takes a database over lists the rights that its tables lost, once", () =>
  withPush(async (sql, push) => {
    await sql.unsafe(`
      create table public.users (clerk_id text unique, email text);
      grant insert, update, select on public.users to authenticated;
      grant select on public.users to anon;
    `);
    const { success, output } = await push();
    assert.equal(success, true, output);
    const taken = (text: string) =>
      text.split("\n").filter((line) => line.startsWith("Rights removed"));
    assert.deepEqual(taken(output), [
      "Rights removed from anon on public.users: select",
      "Rights removed from authenticated on public.users: insert, update",
    ]);
    assert.deepEqual(taken((await push()).output), []);
  }));

Deno.test("a push warns if users may now change metadata that only the server could", () =>
  withPush(async (sql, push) => {
    await sql.unsafe(`
      create table public.users (clerk_id text unique, email text, metadata jsonb default '{}');
      alter table public.users enable row level security;
    `);
    const { success, output } = await push();
    assert.equal(success, true, output);
    const warning = /^Users may now change metadata in their own row of public\.users\./m;
    assert.match(output, warning);
    assert.doesNotMatch((await push()).output, warning);
  }));

Deno.test("a push into a database without tables warns of nothing", () =>
  withPush(async (_sql, push) => {
    const { success, output } = await push();
    assert.equal(success, true, output);
    assert.doesNotMatch(output, /Users may now|Rights removed/);
  }));

Deno.test("an interrupted push is not continued in another schema", () =>
  withPush(async (sql, push) => {
    // The state after a push that stopped after the users table.
    for (const migration of (await readMigrations()).slice(0, 2)) await sql.unsafe(migration);
    assert.deepEqual(await push("elsewhere"), {
      success: false,
      output:
        "The tables are already in schema public, not in elsewhere. Set CLERK_SYNC_SCHEMA=public",
    });
  }));

Deno.test("a schema that the application uses is refused for the tables", () =>
  withPush(async (sql, push) => {
    await sql`create schema app`;
    await sql`create table app.notes (id bigint primary key)`;
    assert.deepEqual(await push("app"), {
      success: false,
      output: "Schema app already has other tables. " +
        "Set CLERK_SYNC_SCHEMA to an unused name, such as clerk_data",
    });
    const [left] = await sql`
      select has_schema_privilege('authenticated', 'app', 'usage') as usage,
        to_regclass('public.users') is null and to_regclass('app.users') is null as nothing
    `;
    assert.deepEqual(left, { usage: false, nothing: true });
  }));
