/** An application has its own users and organizations. Our tables are in another schema beside them. */
import assert from "node:assert/strict";
import { publicFunctions } from "../../local/migrations/describe_schema.ts";
import { movableTables } from "../../local/migrations/schema.ts";
import { withSql } from "../support/database/connections.ts";
import { clerk, signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

const application = `
  create table public."users" (id uuid primary key default gen_random_uuid(), email text unique not null);
  create table public."organizations" (id bigint generated always as identity primary key, slug text unique not null);
  insert into public."users" (email) values ('ada@example.com');
  insert into public."organizations" (slug) values ('engines');
`;

Deno.test("our tables work beside an application's own users and organizations, and leave those alone", async () => {
  assert.notEqual(tableSchema, "public");
  await withSql(async (sql) => {
    // Quoted, so that these names are not moved with ours.
    await sql.unsafe(application);
    const theirs = () =>
      sql.unsafe(`select to_jsonb(u) from public."users" as u union all
        select to_jsonb(o) from public."organizations" as o`);
    const before = JSON.stringify(await theirs());
    try {
      const { id } = await signUp();
      const token = await signIn(id);
      await webhooksSettled();
      assert.ok([200, 201].includes((await callWithToken("users-sync", token)).status));
      assert.equal((await callWithToken("users-me", token)).status, 200);
      await clerk().organizations.createOrganization({ name: "Engines", createdBy: id });
      await webhooksSettled();
      const me = await callWithToken("users-me", token);
      assert.match(JSON.stringify(me.body), /"name":"Engines"/);
      await clerk().users.deleteUser(id);
      await webhooksSettled();
      const [row] = await sql`select is_active from public.users where clerk_id = ${id}`;
      assert.equal(row?.is_active, false);
      assert.equal(JSON.stringify(await theirs()), before);
    } finally {
      await sql.unsafe(`drop table public."users", public."organizations"`);
    }
  });
});

Deno.test("none of our tables is in public, but every function that the API calls is", async () => {
  await withSql(async (sql) => {
    const tables = await sql`
      select c.relnamespace::regnamespace::text as schema, c.relname as name from pg_class as c
      where c.relkind = 'r'
        and c.relname = any (${[...movableTables]})
        and c.relnamespace::regnamespace::text in ('public', ${tableSchema})
    `;
    assert.deepEqual(
      tables.map(({ schema }) => schema),
      Array(movableTables.length).fill(tableSchema),
    );
    const functions = await sql`
      select p.proname as name from pg_proc as p
      where p.pronamespace = 'public'::regnamespace and p.proname ~ 'clerk|purge' order by 1
    `;
    assert.deepEqual(functions.map(({ name }) => name), publicFunctions);
  });
});
