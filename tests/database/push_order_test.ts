import assert from "node:assert/strict";
import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { pushMigrations } from "../../local/migrations/push.ts";
import { checkout } from "../../local/options.ts";
import { withEmptyDatabase } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";

Deno.test("a migration of this project is applied even after the application's newer ones", async () => {
  const project = await Deno.makeTempDir({ prefix: "push-order-" });
  try {
    const migrations = join(project, "supabase", "migrations");
    await Deno.mkdir(migrations, { recursive: true });
    await Deno.copyFile(
      join(checkout, "supabase", "config.toml"),
      join(project, "supabase", "config.toml"),
    );
    const write = (time: string, table: string) =>
      Deno.writeTextFile(join(migrations, `${time}_${table}.sql`), `create table ${table} ();`);
    const home = join(project, "home");
    const directory = await binariesDirectory(checkout, home);
    const file = await locateSupabaseCli({ directory, print: () => {} });
    await withEmptyDatabase(async (sql) => {
      const [row] = await sql<[{ name: string }]>`select current_database() as name`;
      const url = new URL(runningStack().DB_URL);
      url.pathname = `/${row.name}`;
      const push = async () => {
        const outcome = await pushMigrations({ file, home, project, databaseUrl: url.href });
        assert.ok(outcome.success, outcome.output);
      };
      await write("20270101000000", "application");
      await push();
      await write("20261201000000", "ours");
      await push();
      const [made] = await sql`select to_regclass('ours') is not null as applied`;
      assert.equal(made?.applied, true);
    });
  } finally {
    await Deno.remove(project, { recursive: true });
  }
});
