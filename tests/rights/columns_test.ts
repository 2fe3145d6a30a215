/** Which columns of their own row a signed-in user may read and write through the API. */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { tables } from "./role_matrix.ts";
import { fixtureOf, readRows, removeEveryRow, resetEveryRow, resetRows } from "./fixtures.ts";
import { type Principal, principals } from "./principals.ts";
import { type RestRequest, send } from "./rest.ts";
import { firstUser } from "./tenants.ts";

const sql = await connect();
let owner: Principal;
let visitor: Principal;

Deno.test.beforeAll(async () => {
  await resetEveryRow(sql);
  const found = await principals();
  const named = (name: string) => {
    const principal = found.find((one) => one.name === name);
    if (!principal) throw new Error(`There is no principal named ${name}`);
    return principal;
  };
  owner = named("the owner");
  visitor = named("the anon key");
});
Deno.test.afterAll(async () => {
  await removeEveryRow(sql);
  await sql.end();
});

/** The outcome of the request for each column. */
async function byColumn(
  principal: Principal,
  table: string,
  request: (column: string) => RestRequest,
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const column of Object.keys(tables[table]?.columns ?? {})) {
    outcomes[column] = (await send(principal, request(column))).summary;
  }
  return outcomes;
}

function expected(table: string, outcome: (right: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tables[table]?.columns ?? {}).map(([name, right]) => [name, outcome(right)]),
  );
}

for (const table of Object.keys(tables)) {
  const { key, keys } = fixtureOf(table);
  const row = `${key}=eq.${keys[0]}`;

  Deno.test(`a user can read, filter and sort by only the listed columns of ${table}`, async () => {
    await resetRows(sql, table);
    const readable = expected(table, (right) => right.includes("r") ? "200" : "403 42501");
    const requests: readonly ((column: string) => string)[] = [
      (column) => `${table}?select=${column}`,
      // A column that may not be read may not be used in a filter or order either.
      (column) => `${table}?select=${key}&${column}=is.null`,
      (column) => `${table}?select=${key}&order=${column}`,
    ];
    for (const path of requests) {
      const outcomes = await byColumn(owner, table, (column) => ({
        method: "GET",
        path: path(column),
      }));
      assert.deepEqual(outcomes, readable, path("COLUMN"));
    }
  });

  Deno.test(`a user can update only the listed columns of ${table}, and insert none`, async () => {
    await resetRows(sql, table);
    const before = await readRows(sql, table);
    assert.deepEqual(
      await byColumn(owner, table, (column) => ({
        method: "PATCH",
        path: `${table}?${row}`,
        body: { [column]: null },
      })),
      // With the right, null is refused by the constraint, and the row stays as it is.
      expected(table, (right) => right.includes("w") ? "400 23502" : "403 42501"),
    );
    assert.deepEqual(
      await byColumn(owner, table, (column) => ({
        method: "POST",
        path: table,
        body: { [column]: null },
      })),
      expected(table, () => "403 42501"),
    );
    assert.deepEqual(await readRows(sql, table), before);
  });

  Deno.test(`a visitor sees no column of ${table}`, async () => {
    const denied = expected(table, () => "401 42501");
    const requests: readonly ((column: string) => RestRequest)[] = [
      (column) => ({ method: "GET", path: `${table}?select=${column}` }),
      (column) => ({ method: "POST", path: table, body: { [column]: null } }),
      (column) => ({ method: "PATCH", path: `${table}?${row}`, body: { [column]: null } }),
    ];
    for (const request of requests) {
      assert.deepEqual(await byColumn(visitor, table, request), denied);
    }
  });
}

Deno.test("the refusal of a metadata change quotes no row", async () => {
  await resetRows(sql, "users");
  const answer = await send(owner, {
    method: "PATCH",
    path: `users?clerk_id=eq.${firstUser}`,
    body: { metadata: ["not an object"] },
  });
  assert.equal(answer.summary, "400 23514");
  assert.ok(!JSON.stringify(answer.body).includes(firstUser));
});
