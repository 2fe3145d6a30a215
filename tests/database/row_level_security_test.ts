import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { become, rolledBack, sqlState } from "./database.ts";
import { newClerkId } from "./facts.ts";

const insufficientPrivilege = "42501";

async function addUser(sql: TransactionSql, parts: { isActive?: boolean } = {}): Promise<string> {
  const id = newClerkId();
  await sql`
    insert into public.users (clerk_id, is_active) values (${id}, ${parts.isActive ?? true})
  `;
  return id;
}

async function visible(sql: TransactionSql): Promise<string[]> {
  const rows = await sql`select clerk_id from public.users`;
  return rows.map((row) => String(row.clerk_id));
}

Deno.test("anon can neither read nor write users", async () => {
  await rolledBack(async (sql) => {
    await addUser(sql);
    await become(sql, "anon");
    for (
      const query of [
        "select * from public.users",
        "insert into public.users (clerk_id) values ('user_x')",
        "update public.users set metadata = '{}'",
        "delete from public.users",
        "truncate public.users",
        "select * from public.apply_clerk_facts('[]')",
      ]
    ) {
      const state = await sqlState(sql, (savepoint) => savepoint.unsafe(query));
      assert.equal(state, insufficientPrivilege, query);
    }
  });
});

Deno.test("authenticated reads its own active row and no other", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await addUser(sql);
    await become(sql, "authenticated", { sub: own });
    assert.deepEqual(await visible(sql), [own]);
  });
});

Deno.test("authenticated does not read its own row once that is inactive", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql, { isActive: false });
    await become(sql, "authenticated", { sub: own });
    assert.deepEqual(await visible(sql), []);
  });
});

Deno.test("authenticated without a subject reads nothing", async () => {
  await rolledBack(async (sql) => {
    await addUser(sql);
    await become(sql, "authenticated", {});
    assert.deepEqual(await visible(sql), []);
  });
});

Deno.test("authenticated updates metadata in its own row, which stamps updated_at", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await sql`update public.users set updated_at = '2020-01-01' where clerk_id = ${own}`;
    await become(sql, "authenticated", { sub: own });
    const rows =
      await sql`update public.users set metadata = '{"theme":"dark"}' returning updated_at`;
    assert.equal(rows.length, 1);
    assert.ok(rows[0]?.updated_at.getFullYear() > 2020);
  });
});

Deno.test("authenticated updates no column but metadata", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    const columns = await sql`
      select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = 'users' and column_name <> 'metadata'
    `;
    assert.ok(columns.length > 15);
    await become(sql, "authenticated", { sub: own });
    for (const { name } of columns) {
      const state = await sqlState(
        sql,
        (savepoint) => savepoint.unsafe(`update public.users set ${name} = default`),
      );
      assert.equal(state, insufficientPrivilege, String(name));
    }
  });
});

Deno.test("authenticated changes nobody else's metadata", async () => {
  await rolledBack(async (sql) => {
    const other = await addUser(sql);
    await become(sql, "authenticated", { sub: await addUser(sql) });
    const rows = await sql`
      update public.users set metadata = '{"x":1}' where clerk_id = ${other} returning id
    `;
    assert.equal(rows.length, 0);
  });
});

Deno.test("authenticated neither inserts nor deletes nor calls the function that writes", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await become(sql, "authenticated", { sub: own });
    for (
      const query of [
        `insert into public.users (clerk_id) values ('user_x')`,
        "delete from public.users",
        "select * from public.apply_clerk_facts('[]')",
      ]
    ) {
      const state = await sqlState(sql, (savepoint) => savepoint.unsafe(query));
      assert.equal(state, insufficientPrivilege, query);
    }
  });
});

Deno.test("service_role writes through the function and reads every row", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await become(sql, "service_role");
    await sql`
      select * from public.apply_clerk_facts(
        ${
      JSON.stringify([{ kind: "user_deleted", clerk_id: id, deleted_at: "2026-01-01T00:00:00Z" }])
    }::text::jsonb
      )
    `;
    assert.ok((await visible(sql)).includes(id));
  });
});
