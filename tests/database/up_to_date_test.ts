import assert from "node:assert/strict";
import { join } from "node:path";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { isUpToDate } from "../../local/migrations/up_to_date.ts";
import { checkout } from "../../local/options.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

/** Whether the stack's database is up to date for a project with these migrations. */
async function isUpToDateWith(migrations: readonly string[], schema: string): Promise<boolean> {
  const project = await Deno.makeTempDir({ prefix: "up-to-date-" });
  try {
    const folder = join(project, "supabase", "migrations");
    await Deno.mkdir(folder, { recursive: true });
    for (const name of migrations) await Deno.writeTextFile(join(folder, name), "");
    return await isUpToDate(runningStack().DB_URL, project, schema);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

Deno.test("a database with the project's migrations, no others, in their schema is up to date", async () => {
  assert.equal(await isUpToDate(runningStack().DB_URL, checkout, tableSchema), true);
  const ours = [...ourMigrations];
  assert.equal(await isUpToDateWith([...ours, "README.md"], tableSchema), true);
  assert.equal(await isUpToDateWith([...ours, "20990101000000_notes.sql"], tableSchema), false);
  assert.equal(await isUpToDateWith(ours.slice(1), tableSchema), false);
  assert.equal(await isUpToDateWith(ours, "elsewhere"), false);
});

Deno.test("a database without an answer is not up to date", async () => {
  const nowhere = "postgresql://postgres:postgres@127.0.0.1:1/postgres";
  assert.equal(await isUpToDate(nowhere, checkout, tableSchema), false);
});
