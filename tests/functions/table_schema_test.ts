import assert from "node:assert/strict";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { parseTableSchema, placeTables } from "../../local/migrations/schema.ts";

Deno.test("placeTables() moves every mention of our tables and nothing else", () => {
  const sql =
    `select public.users.id, 'public.users', public.users_stamp() from public.organizations
    join public.organization_memberships as m on true, public.clerk_deliveries, public.clerk_sync_runs, public.apply_clerk_facts('[]'),
    public.users_archive, other_public.users`;
  assert.equal(
    placeTables(sql, "clerk_data"),
    `select clerk_data.users.id, 'clerk_data.users', public.users_stamp() from clerk_data.organizations
    join clerk_data.organization_memberships as m on true, clerk_data.clerk_deliveries, clerk_data.clerk_sync_runs, public.apply_clerk_facts('[]'),
    public.users_archive, other_public.users`,
  );
});

Deno.test("no migration mentions our tables in public once they are in another schema", async () => {
  const folder = new URL("../../supabase/migrations/", import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assert.ok(names.length > 5);
  for (const name of names) {
    const placed = placeTables(await Deno.readTextFile(new URL(name, folder)), "clerk_data");
    const left = placed.match(
      /\bpublic\.(users|organization\w*|clerk_deliveries|clerk_sync_runs)\b/g,
    );
    assert.equal(left, null, name);
  }
});

Deno.test("every migration of this project is in the list of ours", async () => {
  const folder = new URL("../../supabase/migrations/", import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assert.deepEqual(ourMigrations.filter((name) => !names.includes(name)), []);
  const inside =
    /\b(?:create|drop)(?: or replace)? \w+ (?:if (?:not )?exists )?(?:clerk_sync|clerk_auth)\b/;
  for (const name of names.filter((name) => !ourMigrations.includes(name))) {
    const text = await Deno.readTextFile(new URL(name, folder));
    assert.ok(
      !name.startsWith("20261123") && !inside.test(text),
      `${name}: is it missing in local/migrations/ours.ts?`,
    );
  }
});

Deno.test("parseTableSchema() accepts an application's own schema and defaults to public", () => {
  assert.equal(parseTableSchema(undefined), "public");
  assert.equal(parseTableSchema(" "), "public");
  assert.equal(parseTableSchema("clerk_data"), "clerk_data");
});

for (
  const name of [
    "auth",
    "clerk_sync",
    "pg_temp",
    "user",
    "order",
    "Clerk",
    "a.b",
    'a"b',
    "1a",
    "a".repeat(64),
  ]
) {
  Deno.test(`parseTableSchema() refuses ${name}`, () => {
    assert.throws(() => parseTableSchema(name), /CLERK_SYNC_SCHEMA must be a schema of your own/);
  });
}
