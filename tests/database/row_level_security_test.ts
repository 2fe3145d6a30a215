import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { become, rolledBack, sqlState, withSql } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { tableSchema } from "../support/stack/table_schema.ts";

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

Deno.test("authenticated reads only its own active row", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await addUser(sql);
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    assert.deepEqual(await visible(sql), [own]);
  });
});

Deno.test("authenticated cannot read its own row once it is inactive", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql, { isActive: false });
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    assert.deepEqual(await visible(sql), []);
  });
});

Deno.test("authenticated can neither read nor update its own row while banned", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await sql`update public.users set banned = true where clerk_id = ${own}`;
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    assert.deepEqual(await visible(sql), []);
    const updated = await sql`update public.users set metadata = '{"x":1}' returning id`;
    assert.equal(updated.length, 0);
  });
});

Deno.test("a token without a session reads nothing, whatever policies the application adds", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    for (const table of ["users", "organizations", "organization_memberships"]) {
      await sql.unsafe(
        `create policy "Everybody" on public.${table} to authenticated using (true)`,
      );
    }
    await sql`insert into public.organizations (clerk_id, name) values ('org_x', 'X')`;
    for (const claims of [{ sub: own }, { sub: own, sid: "sess_1", sts: "pending" }]) {
      await become(sql, "authenticated", claims);
      for (const table of ["users", "organizations", "organization_memberships"]) {
        const rows = await sql`select from ${sql(`public.${table}`)}`;
        assert.equal(rows.length, 0, `${table} ${JSON.stringify(claims)}`);
      }
    }
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    assert.equal((await sql`select from public.organizations where clerk_id = 'org_x'`).length, 1);
  });
});

Deno.test("metadata may be 16 KiB and no more", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    const write = (length: number) =>
      sqlState(
        sql,
        (savepoint) =>
          savepoint`update public.users set metadata = jsonb_build_object('x', repeat('y', ${length}))`,
      );
    // {"x": ""} takes 9 bytes.
    assert.equal(await write(16_384 - 9), undefined);
    assert.equal(await write(16_384 - 8), "23514");
  });
});

Deno.test("a user's own update waits at most two seconds for the row's lock", async () => {
  const own = newClerkId();
  await withSql(async (sql) => {
    await sql`insert into public.users (clerk_id) values (${own})`;
    await sql.begin(async (holder) => {
      await holder`select from public.users where clerk_id = ${own} for update`;
      await rolledBack(async (waiter) => {
        await become(waiter, "authenticated", { sid: "sess_1", sub: own });
        await waiter`set local lock_timeout = '60s'`;
        const state = await sqlState(
          waiter,
          (savepoint) => savepoint`update public.users set metadata = '{"x":1}'`,
        );
        assert.equal(state, "55P03");
      });
    });
    await sql`delete from public.users where clerk_id = ${own}`;
  });
});

Deno.test("authenticated without a subject reads nothing", async () => {
  await rolledBack(async (sql) => {
    await addUser(sql);
    await become(sql, "authenticated", {});
    assert.deepEqual(await visible(sql), []);
  });
});

Deno.test("authenticated can update the metadata of its own row, which stamps updated_at", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await sql`update public.users set updated_at = '2020-01-01' where clerk_id = ${own}`;
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    const rows =
      await sql`update public.users set metadata = '{"theme":"dark"}' returning updated_at`;
    assert.equal(rows.length, 1);
    assert.ok(rows[0]?.updated_at.getFullYear() > 2020);
  });
});

Deno.test("authenticated can update no column but metadata", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    const columns = await sql`
      select column_name as name from information_schema.columns
      where table_schema = ${tableSchema} and table_name = 'users' and column_name <> 'metadata'
    `;
    assert.ok(columns.length > 15);
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
    for (const { name } of columns) {
      const state = await sqlState(
        sql,
        (savepoint) => savepoint.unsafe(`update public.users set ${name} = default`),
      );
      assert.equal(state, insufficientPrivilege, String(name));
    }
  });
});

Deno.test("authenticated cannot change anybody else's metadata", async () => {
  await rolledBack(async (sql) => {
    const other = await addUser(sql);
    await become(sql, "authenticated", { sid: "sess_1", sub: await addUser(sql) });
    const rows = await sql`
      update public.users set metadata = '{"x":1}' where clerk_id = ${other} returning id
    `;
    assert.equal(rows.length, 0);
  });
});

Deno.test("authenticated can neither insert nor delete, and cannot call the function that writes", async () => {
  await rolledBack(async (sql) => {
    const own = await addUser(sql);
    await become(sql, "authenticated", { sid: "sess_1", sub: own });
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
