import assert from "node:assert/strict";
import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { pushMigrations } from "../../local/migrations/push.ts";
import { checkout } from "../../local/options.ts";
import { runningStack } from "../running_stack.ts";
import { withEmptyDatabase } from "./database.ts";

Deno.test("a refused database is shown what is in its way, and nothing else", async () => {
  const home = await Deno.makeTempDir({ prefix: "shown-refusal-" });
  try {
    const file = await locateSupabaseCli({
      directory: await binariesDirectory(checkout, home),
      print: () => {},
    });
    await withEmptyDatabase(async (sql) => {
      await sql.unsafe(`
        create table public.users (id uuid primary key default gen_random_uuid(), clerk_id text unique, email text unique);
        create table public.organizations (id uuid primary key, name text);
      `);
      const [row] = await sql<[{ name: string }]>`select current_database() as name`;
      const url = new URL(runningStack().DB_URL);
      url.pathname = `/${row.name}`;
      const { success, output } = await pushMigrations({
        file,
        home: join(home, "cli"),
        project: checkout,
        databaseUrl: url.href,
      });
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
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
