/** Applications as people have them: each gets an installation, and goes on working. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { runCli } from "../support/application/cli.ts";
import { commit, git, status } from "../support/application/repository.ts";
import {
  createScratchDatabases,
  type ScratchDatabases,
} from "../support/database/scratch_databases.ts";
import { rehearseDeployment } from "../support/deploy/deployment.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type Application, makeRepository } from "./application.ts";
import { listApplications } from "./applications.ts";
import { liveThrough } from "./life.ts";
import { initialize, push } from "./supabase_project.ts";

const names = ["clerk-webhook", "users-me", "users-sync"] as const;

function addressOf(database: string): string {
  const url = new URL(runningStack().DB_URL);
  url.pathname = `/${database}`;
  return url.href;
}

async function readVersions(project: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(project, "supabase", "migrations")));
  return entries.flatMap(({ name }) => name.match(/^(\d+)_.*\.sql$/)?.[1] ?? []).sort();
}

let databases: ScratchDatabases;
Deno.test.beforeAll(async () => {
  databases = await createScratchDatabases();
});
Deno.test.afterAll(async () => await databases[Symbol.asyncDispose]());

async function installInto(application: Application) {
  await using database = await databases.make();
  const address = addressOf(database.name);
  await using repository = await makeRepository(application);
  const { folder, project } = repository;
  const before = await push(project, address);
  assert.ok(before.success, before.output);

  const args = application.args ?? [];
  const installed = await runCli("install", folder, args, {
    environment: { DB_CONNECTION_STRING: address },
  });
  assert.equal(installed.code, 0, installed.errors);
  const changed = (await git(folder, "diff", "--name-only")).trim().split("\n");
  const mayChange = /(?:config\.toml|\.env\.example|_journal\.json)$|\/clerk-webhook\//;
  assert.deepEqual(changed.filter((path) => !mayChange.test(path)), []);
  await commit(folder);

  const pushed = await push(project, address);
  assert.ok(pushed.success, pushed.output);
  const { schema = "public", prefix = "" } = application;
  const [tables] = await database.sql`
    select to_regclass(${`${schema}.clerk_deliveries`}) is not null as there
  `;
  assert.equal(tables?.there, true);

  // The application's own functions are deployed with them.
  const folders = await Array.fromAsync(Deno.readDir(join(project, "supabase", "functions")));
  const deployed = folders.filter(({ name, isDirectory }) => isDirectory && !name.startsWith("_"))
    .map(({ name }) => name);
  const { uploads } = await rehearseDeployment(project, deployed);
  assert.equal(uploads.length, deployed.length);
  const [webhook, me, sync] = names.map((name) =>
    uploads.find(({ slug }) => slug === `${prefix}${name}`)
  );
  assert.ok(webhook && me && sync);
  for (const { metadata } of [webhook, me, sync]) assert.equal(metadata.verify_jwt, false);
  await liveThrough([webhook, me, sync], database.name, schema === "public");

  // The application's next migration.
  const version = application.next(await readVersions(project));
  const nextFile = join(project, "supabase", "migrations", `${version}_next.sql`);
  const writeNext = async () => {
    await Deno.mkdir(dirname(nextFile), { recursive: true });
    await Deno.writeTextFile(nextFile, "create table public.next_of_the_application (id int);\n");
  };
  await writeNext();
  const next = await push(project, address);
  assert.ok(next.success, next.output);
  const [{ there } = { there: false }] = await database.sql`
    select to_regclass('public.next_of_the_application') is not null as there
  `;
  assert.equal(there, true);
  await Deno.remove(nextFile);

  const again = await runCli(
    "install",
    folder,
    application.args?.filter((arg) => !arg.startsWith("--replace")) ?? [],
  );
  assert.match(again.output, /already, and complete/, again.errors);

  const removed = await runCli("uninstall", folder, [project]);
  assert.equal(removed.code, 0, removed.errors);
  await git(folder, "add", "--all");
  assert.equal(await git(folder, "diff", "--cached", "--stat", "HEAD~1"), "");

  // The SQL that it prints drops everything, and the application's own tables stay.
  const sql = removed.output.slice(removed.output.indexOf("-- Drops everything"));
  await database.sql.unsafe(sql);
  const left = await database.sql`
    select nspname as name from pg_namespace where nspname in ('clerk_sync', 'clerk_auth', 'clerk_data')
    union all
    select proname from pg_proc where pronamespace = 'public'::regnamespace and proname ~ 'clerk|deleted_users'
    union all
    select relname from pg_class where relname ~ 'clerk_deliveries|organization_memberships'
  `;
  assert.deepEqual(left.map(({ name }) => name), []);
  await writeNext();
  const pushedAgain = await push(project, address);
  assert.ok(pushedAgain.success, pushedAgain.output);
}

for (const application of listApplications(await initialize())) {
  Deno.test(`install goes into ${application.title}, which goes on working, and out again`, async () => {
    await installInto(application);
  });
}

Deno.test("install looks at the database first, and changes nothing where the migrations would be refused", async () => {
  await using database = await databases.make(`
    create table public.users (clerk_id text, email text unique);
    create policy "Everybody" on public.users for all to authenticated using (true);
    alter table public.users enable row level security;
  `);
  await using repository = await makeRepository({
    title: "one that lets everybody read",
    files: { "supabase/config.toml": 'project_id = "my-app"\n' },
    next: () => "",
  });
  const environment = { DB_CONNECTION_STRING: addressOf(database.name) };
  const { code, output, errors } = await runCli("install", repository.folder, [], { environment });
  assert.equal(code, 1, output);
  assert.match(errors, /^Clerk's tables cannot be set up/);
  assert.match(errors, /"Everybody"/);
  assert.deepEqual(await status(repository.folder), []);

  const beside = ["--schema", "clerk_data"];
  const other = await runCli("install", repository.folder, beside, { environment });
  assert.equal(other.code, 0, other.errors);
  const [{ there } = { there: true }] = await database.sql`
    select to_regnamespace('clerk_data') is not null as there
  `;
  assert.equal(there, false, "the look leaves nothing behind");
});

Deno.test("install names a database that does not answer, and changes nothing", async () => {
  await using repository = await makeRepository({
    title: "one with a wrong address",
    files: { "supabase/config.toml": 'project_id = "my-app"\n' },
    next: () => "",
  });
  const address = new URL(addressOf("nobody"));
  const environment = { DB_CONNECTION_STRING: address.href };
  const { code, errors } = await runCli("install", repository.folder, [], { environment });
  assert.equal(code, 1);
  assert.match(errors, /^The database that DB_CONNECTION_STRING names does not answer\. /);
  assert.deepEqual(await status(repository.folder), []);
});

Deno.test("install goes after the migrations that only the database has", async () => {
  await using database = await databases.make(`
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
    insert into supabase_migrations.schema_migrations (version) values ('20990101000000');
  `);
  await using repository = await makeRepository({
    title: "one whose migrations are elsewhere",
    files: { "supabase/config.toml": 'project_id = "my-app"\n' },
    next: () => "",
  });
  const { output, errors } = await runCli("install", repository.folder, [], {
    environment: { DB_CONNECTION_STRING: addressOf(database.name) },
  });
  const [first = ""] = await readVersions(repository.project);
  assert.ok(first > "20990101000000", errors);
  assert.match(output, /Note: The database has 1 migrations? that supabase\/migrations lacks/);
});
