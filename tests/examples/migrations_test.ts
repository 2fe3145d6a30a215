/** The migrations, before and after all examples at once. */
import assert from "node:assert/strict";
import { applyFacts } from "../support/database/apply_facts.ts";
import { withEmptyDatabase } from "../support/database/connections.ts";
import { describeSchema, readMigrations } from "../support/database/migrations.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";
import { readExample } from "./installed_example.ts";

const folder = new URL("../../examples/", import.meta.url);
const names = (await Array.fromAsync(Deno.readDir(folder)))
  .flatMap(({ name }) => name.endsWith(".sql") ? [name.slice(0, -".sql".length)] : []).sort();

Deno.test("examples/README.md lists every example", async () => {
  const list = await Deno.readTextFile(new URL("README.md", folder));
  assert.ok(names.length >= 6);
  for (const name of names) assert.match(list, new RegExp(`\\| \\[${name}\\.sql\\]\\(`));
});

Deno.test("all examples fit into one database, and the migrations can run again beside them", async () => {
  await withEmptyDatabase(async (sql) => {
    const migrate = async () => {
      for (const migration of await readMigrations()) await sql.unsafe(migration);
    };
    await migrate();
    for (const name of names) await sql.unsafe(await readExample(name));
    const views = () =>
      sql`
      select viewname, definition from pg_views where schemaname = 'public' order by 1
    `;
    const before = [await describeSchema(sql), [...await views()]];
    await migrate();
    // The migrations replace the right on the column by the same right on the table.
    await sql`grant select (plan) on table public.users to authenticated`;
    assert.deepEqual([await describeSchema(sql), [...await views()]], before);

    const id = newClerkId();
    assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["created"]);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, "2026-01-03T00:00:00.000Z")]), [
      "updated",
    ]);
    const [written] = await sql`select
      (select count(*)::int from public.people) as people, (select count(*)::int from public.user_events) as events`;
    assert.deepEqual({ ...written }, { people: 1, events: 2 });
  });
});
