/** What should be in the project: as installed into an application, else as in this checkout. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { checkMigrations } from "../../cli/doctor/migrations.ts";
import { readHistory } from "../../cli/doctor/migration_history.ts";
import { readInstallation } from "../../cli/doctor/installation.ts";
import { manifestPath, renderManifest } from "../../cli/install/manifest.ts";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { checkout } from "../../local/options.ts";
import { withSql } from "../support/database/connections.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";

let own: OwnStack;
Deno.test.beforeAll(async () => {
  own = await startOwnStack({ schema: "clerk_data" });
});
Deno.test.afterAll(() => own.stop());

/** Runs in a folder with these files. */
async function inFolder(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "doctor-" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("in an application, the manifest says the names and the migrations", async () => {
  const path = "supabase/migrations/20270101000000_clerk_sync_preflight.sql";
  const files = {
    "supabase/config.toml": 'project_id = "app"\n',
    "supabase/migrations/20260101000000_own.sql": "select 'own'",
    [path]: "select 'ours'",
    [manifestPath]: renderManifest({
      version: "0.1.0",
      schema: "public",
      prefix: "my-",
      files: {},
      migrations: { "20261123085900_preflight.sql": path },
      edits: {},
    }),
  };
  await inFolder(files, async (folder) => {
    for (const typed of [folder, join(folder, "supabase")]) {
      const { functions, migrations } = await readInstallation(typed);
      assert.deepEqual(functions, {
        "clerk-webhook": "my-clerk-webhook",
        "users-me": "my-users-me",
        "users-sync": "my-users-sync",
        "clerk-reconcile": "my-clerk-reconcile",
      });
      assert.deepEqual([...migrations], [["20270101000000", "select 'ours'"]]);
    }
  });
});

Deno.test("anywhere else, it is what this checkout has", async () => {
  await inFolder({ "supabase/config.toml": "" }, async (folder) => {
    for (const typed of [folder, checkout]) {
      const { functions, migrations } = await readInstallation(typed);
      assert.equal(functions["users-me"], "users-me");
      assert.deepEqual(
        [...migrations.keys()],
        ourMigrations.map((name) => name.replace(/_.*/, "")),
      );
    }
  });
});

Deno.test("migrations that were applied with the tables in another schema are the same", async () => {
  const installation = await readInstallation(checkout);
  assert.deepEqual(await readHistory(own.stack.values.DB_URL, installation), {
    listed: true,
    missing: [],
    changed: [],
  });
});

Deno.test("a database that other tools have migrated has no list to compare", async () => {
  const migrations = new Map([["19990101000000", "select 1"]]);
  const installation = { ...await readInstallation(checkout), migrations, asShipped: false };
  assert.deepEqual(await readHistory(own.stack.values.DB_URL, installation), {
    listed: false,
    missing: [],
    changed: [],
  });
});

Deno.test("a database that an application has migrated is not taken for one without a list", async () => {
  const migrations = new Map([["19990101000000", "select 1"]]);
  const installation = { ...await readInstallation(checkout), migrations, asShipped: false };
  const status = {
    ...{ lag_p50: null, lag_p95: null, events_last_hour: 0, rejected: 0, rejected_reason: null },
    ...{ invalid: 0, invalid_reason: null, silence: null, usual_silence: null, silent: false },
  };
  const { values } = own.stack;
  await withSql((sql) =>
    sql`
      insert into supabase_migrations.schema_migrations (version, name)
      values ('20990101000000', 'clerk_sync_users')
    `
  );
  try {
    const history = await readHistory(values.DB_URL, installation);
    assert.equal(history?.listed, true);
    assert.equal(history?.ofApplication, true);
    const { finding } = await checkMigrations(
      {
        call: () => Promise.resolve({ rows: [] }),
        status,
      },
      { url: values.API_URL, key: "sb_secret_1" },
      { DB_CONNECTION_STRING: values.DB_URL },
      installation,
    );
    assert.match(finding.finding, /migrated from an application's folder, and this is another/);
  } finally {
    await withSql((sql) =>
      sql`delete from supabase_migrations.schema_migrations where version = '20990101000000'`
    );
  }
});
